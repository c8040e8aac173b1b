// What programs do through the API and people see in the console is the same thing.
import { PolicyPage } from './pages/policy.ts';
import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import type { Status, TaskRecord } from './support/workspace.ts';

// A record as GetStatefulAsyncInvocation returns it.
interface WholeRecord extends TaskRecord {
  serviceName: string;
  functionName: string;
  qualifier: string;
  durationMs: number;
  alreadyRetriedTimes: number;
  instanceId: string;
  invocationPayload: string | null;
  returnPayload: string;
  invocationErrorMessage: string;
  destinationStatus: string;
  events: { eventId: number; status: Status; timestamp: number; eventDetail: string }[];
}

interface TaskList {
  invocations: WholeRecord[];
  nextToken: string;
}

test('C-29 the API switches task mode: makes a configuration, or changes only what it is given', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const config = `/services/${fn.service}/functions/${fn.name}/async-invoke-config`;
  const policy = new PolicyPage(page, console.javaScript);
  await workspace.call('DELETE', config, 204);
  await policy.open(fn.path('async'));
  await expect(policy.fact('Task Mode')).toHaveText('Disabled');
  await workspace.call('PUT', config, 200, { body: { statefulInvocation: true } });
  await policy.reload();
  await expect(policy.fact('Task Mode')).toHaveText('Enabled');
  await expect(policy.fact('Maximum Retries')).toHaveText('3');

  await workspace.call('PUT', config, 200, { body: { maxAsyncRetryAttempts: 5, maxAsyncEventAgeInSeconds: 3_600 } });
  await workspace.call('PUT', config, 200, { body: { statefulInvocation: false } });
  await policy.reload();
  await expect(policy.fact('Task Mode')).toHaveText('Disabled');
  await expect(policy.fact('Maximum Retries')).toHaveText('5');
  await expect(policy.fact('Maximum Message Lifetime')).toHaveText('3,600 s (1 h)');
});

test('C-30 C-31 C-32 C-33 C-34 C-35 C-36 C-73 what programs start, read, list and stop is what the console shows', async ({
  console,
  page,
  workspace,
}) => {
  const fn = await workspace.makeFunction(ECHO, { statefulInvocation: false });
  const of = `/services/${fn.service}/functions/${fn.name}`;
  const invoke = (headers: Record<string, string>, body: string) =>
    workspace.api.call('POST', `${of}/invocations`, { headers, body });
  const submit = (headers: Record<string, string>, body = '{}') => invoke({ 'x-fc-invocation-type': 'Async', ...headers }, body);

  // Task mode is off: only the call that asks for it is a task.
  expect((await submit({ 'x-fc-stateful-async-invocation-id': 'none' })).status).toBe(202);
  const enable = { 'x-fc-stateful-async-invocation-enable': 'true' };
  expect((await submit({ ...enable, 'stateful-async-invocation-id': 'one' }, '{"n":1}')).status).toBe(202);
  expect((await invoke({ ...enable, 'x-fc-stateful-async-invocation-id': 'sync' }, '{"n":2}')).status).toBe(200);
  await workspace.reaches(fn, 'one', 'Succeeded');
  await workspace.call('PUT', `${of}/async-invoke-config`, 200, { body: { statefulInvocation: true } });
  expect((await submit({ 'x-fc-async-task-id': 'other', 'x-fc-async-delay': '3600' })).status).toBe(202);
  const unnamed = await submit({});
  const id = String(unnamed.headers['x-fc-stateful-async-invocation-id']);
  expect(id, 'without an ID it is that of the request').toBe(unnamed.headers['x-fc-request-id']);
  // Repeated, it is refused, and runs no second time.
  expect((await submit({ 'x-fc-stateful-async-invocation-id': 'one' })).status).toBe(409);
  await workspace.reaches(fn, id, 'Succeeded');

  const list = (query: Record<string, string> = {}) => workspace.call<TaskList>('GET', `${of}/stateful-async-invocations`, 200, { query });
  const ids = async (query?: Record<string, string>) => (await list(query)).invocations.map(({ invocationId }) => invocationId);
  expect(await ids({ sortOrderByTime: 'asc' })).toEqual(['one', 'other', id]);
  expect(await ids({ invocationIdPrefix: 'o' })).toEqual(['other', 'one']);
  expect(await ids({ status: 'Succeeded', invocationIdPrefix: 'o' })).toEqual(['one']);
  const first = await list({ sortOrderByTime: 'asc', limit: '1', includePayload: 'true' });
  expect(first.invocations).toMatchObject([{ invocationId: 'one', invocationPayload: '{"n":1}' }]);
  expect(await ids({ sortOrderByTime: 'asc', limit: '1', nextToken: first.nextToken })).toEqual(['other']);
  const { startedTime } = await workspace.task(fn, id);
  expect(await ids({ startedTimeBegin: String(startedTime) })).toContain(id);
  expect(await ids({ startedTimeEnd: '1' })).toEqual([]);

  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(fn);
  await tasks.expectIds([id, 'other', 'one']);

  const record = await workspace.call<WholeRecord>('GET', `${of}/stateful-async-invocations/one`, 200);
  expect(record).toMatchObject({
    serviceName: fn.service,
    functionName: fn.name,
    qualifier: 'LATEST',
    invocationId: 'one',
    status: 'Succeeded',
    alreadyRetriedTimes: 0,
    invocationPayload: '{"n":1}',
    returnPayload: '{"n":1}',
    invocationErrorMessage: '',
    destinationStatus: '',
  });
  await task.openOf(fn, 'one');
  await task.expectHistory(['Enqueued', 'Processed', 'Running', 'Succeeded']);
  await expect(task.fact('Request ID').locator('code')).toHaveText(record.requestId);
  await expect(task.fact('Instance ID').getByRole('link')).toHaveText(record.instanceId);
  await expect(task.fact('Last attempt ran').locator('[title]')).toHaveAttribute('title', `${record.durationMs} ms`);
  const shown = async (name: string) => Date.parse((await task.fact(name).getByRole('time').getAttribute('datetime'))!);
  expect(Math.floor((await shown('Start')) / 1_000)).toBe(Math.floor(record.startedTime / 1_000));
  expect(Math.floor((await shown('End')) / 1_000)).toBe(Math.floor(record.endTime / 1_000));
  expect(await task.history()).toEqual(record.events.map(({ status, timestamp }) => ({ status, at: timestamp })));
  expect(record.events.map(({ eventId }) => eventId)).toEqual([1, 2, 3, 4]);
  expect(JSON.parse(record.events[2]!.eventDetail)).toEqual({ InstanceId: record.instanceId });

  const stopped = await workspace.api.call('PUT', `${of}/stateful-async-invocations/other`);
  expect([stopped.status, JSON.parse(stopped.body.toString())]).toEqual([200, {}]);
  await task.openOf(fn, 'other');
  await expect(task.status).toHaveAttribute('data-status', 'Stopped');
  await task.expectHistory(['Enqueued', 'Stopped']);
});
