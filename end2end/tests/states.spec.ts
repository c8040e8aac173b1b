// The states of a task that last, each brought about and looked at: its word, what may be done in it, its facts, and the way there.
import type { Locator } from '@playwright/test';
import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { ECHO, FAILS_ON_REQUEST, LINGERS, STARTS_SLOWLY } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { type Fn, REGION, type Status, type Workspace } from './support/workspace.ts';

// The edges of C-47; the empty word stands before the first state. A task that does not run is stopped at once, and whether its time is over
// is seen when it has been taken, too; one that has run before then fails.
const NEXT: Record<Status | '', Status[]> = {
  '': ['Enqueued'],
  Enqueued: ['Processed', 'Stopped', 'Expired', 'Invalid'],
  Processed: ['Running', 'Retrying', 'Stopped', 'Expired', 'Invalid'],
  Running: ['Succeeded', 'Failed', 'Retrying', 'Stopping'],
  Retrying: ['Running', 'Stopped', 'Failed', 'Invalid'],
  Stopping: ['Stopped', 'Succeeded', 'Failed'],
  Succeeded: [],
  Failed: [],
  Stopped: [],
  Expired: [],
  Invalid: [],
};

const ENDED = 'This task has already ended.';
const NOT_ENDED = 'This task has not ended yet.';

const pathOf = (fn: Fn): string => `/services/${fn.service}/functions/${fn.name}`;
const hold = (workspace: Workspace, fn: Fn, paused: boolean): Promise<void> =>
  workspace.call('PUT', `${pathOf(fn)}/queue`, 200, { body: { paused } });

// A task in each state, by the state's word in small letters.
async function allStates(workspace: Workspace, service: string): Promise<Record<string, Fn>> {
  const make = (code: string, config = {}, start = 'f') => workspace.makeFunction(code, config, start, service);
  const [ends, retries, runs, starts, waits, goes] = await Promise.all([
    make(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 }),
    make(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 8 }),
    make(LINGERS),
    make(STARTS_SLOWLY),
    make(ECHO, { maxAsyncEventAgeInSeconds: 1 }),
    make(ECHO),
  ]);
  await workspace.call('PUT', pathOf(starts), 200, { body: { initializer: 'index.start', initializationTimeout: 300 } });
  await hold(workspace, waits, true);
  await Promise.all([
    workspace.submit(ends, 'succeeded', 'good'),
    workspace.submit(ends, 'failed', 'fail'),
    workspace.submit(ends, 'enqueued', '{}', 3_600),
    workspace.submit(ends, 'stopped', '{}', 3_600),
    workspace.submit(retries, 'retrying', 'fail'),
    workspace.submit(runs, 'running', '{}'),
    workspace.submit(starts, 'processed', '{}'),
    workspace.submit(waits, 'expired', '{}'),
    workspace.submit(goes, 'invalid', '{}', 3_600),
  ]);
  await workspace.reaches(retries, 'retrying', 'Retrying');
  // The next attempt would end the state.
  await hold(workspace, retries, true);
  await workspace.stop(ends, 'stopped');
  await workspace.call('DELETE', pathOf(goes), 204);
  // Taken from the queue when its time is over.
  const { startedTime } = await workspace.task(waits, 'expired');
  await expect.poll(() => Date.now()).toBeGreaterThan(startedTime + 1_000);
  await hold(workspace, waits, false);
  return {
    succeeded: ends,
    failed: ends,
    enqueued: ends,
    stopped: ends,
    retrying: retries,
    running: runs,
    processed: starts,
    expired: waits,
    invalid: goes,
  };
}

const wordOf = (id: string): Status => `${id[0]!.toUpperCase()}${id.slice(1)}` as Status;

async function expectAction(button: Locator, refusal: string | undefined): Promise<void> {
  if (refusal === undefined) {
    await expect(button).not.toHaveAttribute('aria-disabled', 'true');
  } else {
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAttribute('title', refusal);
  }
}

test('C-37 C-38 C-39 C-40 C-41 C-42 C-44 C-45 C-46 C-47 each state says what it is, what may be done, and how it came to be', async ({
  console,
  page,
  workspace,
}) => {
  test.slow();
  const service = await workspace.makeOwnService();
  const functions = await allStates(workspace, service);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  for (const [id, fn] of Object.entries(functions)) await workspace.reaches(fn, id, wordOf(id));

  // All in one list: a word for each, not a colour alone.
  await tasks.open(`/${REGION}/all-tasks?service=${service}`);
  const table = page.getByRole('table', { name: 'All tasks' });
  for (const id of Object.keys(functions)) {
    const badge = table.getByRole('row').filter({ has: page.getByRole('link', { name: id, exact: true }) }).locator('[data-status]');
    await expect(badge).toHaveAttribute('data-status', wordOf(id));
    await expect(badge).toHaveText(wordOf(id));
    await expect(tasks.chip(wordOf(id))).toHaveAccessibleName(`${wordOf(id)} 1`);
  }

  // Only what runs has an instance that can be entered.
  const logOn = (id: string) => tasks.row(id).getByRole('link', { name: `Log on to Instance ${id}`, exact: true });
  await tasks.openOf(functions.running!);
  await expect(logOn('running')).toHaveAttribute('href', /\/instances\/[^/]+\/terminal$/);
  await tasks.openOf(functions.enqueued!);
  for (const id of ['enqueued', 'succeeded', 'failed', 'stopped']) await expect(logOn(id)).toHaveAttribute('aria-disabled', 'true');

  const lasts = /^\d+ (s|min \d\d s)$/;
  const facts: Record<string, () => Promise<void>> = {
    enqueued: async () => {
      await expect(task.fact('Planned start').getByRole('time')).toHaveAttribute('datetime', /^20\d\d-/);
      await expect(task.fact('In the queue')).toHaveText(/^starts in \d+ min \d\d s$|^starts in 1 h 00 min$/);
      for (const none of ['Instance ID', 'Start', 'End']) await expect(task.fact(none)).toHaveText('–');
    },
    processed: async () => {
      await expect(task.fact('Queued for')).toHaveText(lasts);
      await expect(task.fact('Why it waits')).toHaveText('It has been taken from the queue and waits for an instance to be free.');
      await expect(task.fact('Start')).toHaveText('–');
    },
    running: async () => {
      await expect(task.fact('Attempt')).toHaveText('1 of 4');
      await expect(task.fact('Running for')).toHaveText(/^\d+ s\s+of at most 10 min$/);
      await expect(task.fact('Instance ID')).not.toHaveText('–');
      await expect(task.log).toContainText('waiting to be stopped');
      if (!console.javaScript) return;
      const first = await task.fact('Running for').innerText();
      await expect(task.fact('Running for'), 'it counts').not.toHaveText(first);
    },
    succeeded: async () => {
      await expect(task.fact('Duration')).toHaveText(/^\d+ ms$|^\d+\.\d{3} s$/);
      await expect(task.returnValue).toHaveText('fine');
    },
    failed: async () => {
      await expect(task.error()).toContainText('UnhandledInvocationError · ValueError');
      await expect(task.error()).toContainText('asked to fail by fail');
      await expect(task.fact('Retries')).toHaveText('0 of 0');
    },
    stopped: async () => {
      await expect(task.fact('Stopped by')).not.toHaveText('–');
      await expect(task.fact('Had begun')).toHaveText('No');
    },
    retrying: async () => {
      await expect(task.error()).toContainText('asked to fail by fail');
      await expect(task.fact('Next attempt')).toHaveText(/next (now|in \d+ s)$/);
      await expect(task.fact('Retries')).toHaveText(/^\d of 8$/);
    },
    expired: async () => {
      await expect(task.fact('Age when it expired')).toHaveText(/^\d+\.\d{3} s$/);
      await expect(task.fact('Message lifetime').getByRole('link', { name: '1 s' })).toHaveAttribute('href', functions.expired!.path('async'));
      await expect(task.fact('Instance ID')).toHaveText('–');
      await expect(page.getByText('This task wrote no log.', { exact: true })).toBeVisible();
    },
    invalid: async () => {
      await expect(task.fact('Reason')).toContainText('FunctionNotFound');
      await expect(task.fact('Instance ID')).toHaveText('–');
      await expect(page.getByText('This task wrote no log.', { exact: true })).toBeVisible();
    },
  };
  const final = ['succeeded', 'failed', 'stopped', 'expired', 'invalid'];
  for (const [id, fn] of Object.entries(functions)) {
    await test.step(id, async () => {
      await task.openOf(fn, id);
      await expect(task.status).toHaveAttribute('data-status', wordOf(id));
      await facts[id]!();
      const isFinal = final.includes(id);
      await expectAction(page.getByRole('button', { name: `Stop ${id}`, exact: true }), isFinal ? ENDED : undefined);
      await expectAction(page.getByRole('button', { name: `Re-execute ${id}`, exact: true }), isFinal ? undefined : NOT_ENDED);
    });
  }

  for (const [id, fn] of Object.entries(functions)) {
    const history = (await workspace.task(fn, id)).events.map(({ status }) => status);
    const edges = history.map((status, n) => [history[n - 1] ?? '', status] as const);
    for (const [from, to] of edges) expect(NEXT[from], `${id}: ${history.join(' → ')}`).toContain(to);
    expect(history.at(-1)).toBe(wordOf(id));
  }
  await workspace.stop(functions.running!, 'running');
  await workspace.stop(functions.processed!, 'processed');
});
