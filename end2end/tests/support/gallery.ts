// A function with a task in every state that lasts, for tests that look at whole screens.
import { FAILS_ON_REQUEST } from './codes.ts';
import { Fn, SERVICE, type Workspace } from './workspace.ts';

// The variable that tells tests the function's name.
export const GALLERY = 'TASKYARD_E2E_GALLERY';

export const PICTURES = {
  succeeded: 'a-task-with-an-id-that-is-as-long-as-they-get-'.padEnd(128, 'x'),
  failed: 'failed',
  retrying: 'retrying',
  stopped: 'stopped',
  enqueued: 'enqueued',
} as const;

// A webhook at which nobody listens.
const NOBODY = 'http://127.0.0.1:9/outcomes';

// A service with versions and aliases.
export const VERSIONED = 'versioned';
export const ALIAS = 'an-alias-with-a-name-as-long-as-they-get-'.padEnd(128, 'x');

// The gallery's trigger.
export const TRIGGER = 'a-trigger-with-a-name-as-long-as-they-get-'.padEnd(128, 'x');

async function publishVersions(workspace: Workspace): Promise<void> {
  await workspace.makeService(VERSIONED);
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, {}, 'f', VERSIONED);
  await workspace.publish(VERSIONED, '第一个版本, the first one, with words enough to be cut where there is no room for them all. '.repeat(2));
  await workspace.changeFunction(fn, { description: 'changed' });
  await workspace.publish(VERSIONED);
  const body = { aliasName: ALIAS, versionId: '1', description: 'what customers use' };
  await workspace.call('POST', `/services/${VERSIONED}/aliases`, 200, { body });
  await workspace.call('POST', `/services/${VERSIONED}/aliases`, 200, { body: { aliasName: 'live', versionId: '1' } });
}

// Returns the function's name.
export async function hangGallery(workspace: Workspace): Promise<string> {
  await publishVersions(workspace);
  // Waits grow from attempt to attempt, so the last of eight is minutes away.
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0, destinationConfig: { onFailure: { destination: NOBODY } } }, 'gallery');
  const triggerConfig = { cronExpression: 'CRON_TZ=Asia/Shanghai 0 0 4 1 1 *', payload: '任务 <b>bold</b>', enable: true };
  const trigger = { triggerName: TRIGGER, triggerType: 'timer', triggerConfig };
  await workspace.call('POST', `/services/${SERVICE}/functions/${fn.name}/triggers`, 200, { body: trigger });
  const long = `fail with ${'a_word_that_does_not_break_'.repeat(12)} 任务 <b>bold</b>`;
  await workspace.submit(fn, PICTURES.succeeded, JSON.stringify({ text: '任务'.repeat(80), numbers: [1, 2, 3] }));
  await workspace.submit(fn, PICTURES.failed, long);
  await workspace.submit(fn, PICTURES.stopped, '{}', 3_600);
  await workspace.submit(fn, PICTURES.enqueued, '{}', 3_600);
  await workspace.stop(fn, PICTURES.stopped);
  await workspace.reaches(fn, PICTURES.succeeded, 'Succeeded');
  await workspace.reaches(fn, PICTURES.failed, 'Failed');
  await workspace.call('PUT', `/services/${SERVICE}/functions/${fn.name}/async-invoke-config`, 200, { body: { maxAsyncRetryAttempts: 8 } });
  await workspace.submit(fn, PICTURES.retrying, long);
  return fn.name;
}

export const gallery = (): Fn => new Fn(SERVICE, process.env[GALLERY]!);
