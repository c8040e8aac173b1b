import { expectFieldError } from './pages/console.ts';
import { DestinationsPage } from './pages/destinations.ts';
import { TaskPage } from './pages/task.ts';
import { ECHO, FAILS_ON_REQUEST } from './support/codes.ts';
import { Hook } from './support/hook.ts';
import { expect, test } from './support/test.ts';
import { type Fn, REGION } from './support/workspace.ts';

const arn = (fn: Fn) => `acs:fc:${REGION}::services/${fn.service}/functions/${fn.name}`;

test('C-67 destinations are set in the console, and the outcome of a task reaches them', async ({ console, page, workspace }) => {
  await using hook = await Hook.listen();
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 });
  const listener = await workspace.makeFunction(ECHO, {}, 'listener');
  const destinations = new DestinationsPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await destinations.open(fn.path('async'));
  await expect(destinations.fact('On Success')).toHaveText('none');
  const panel = await destinations.openPanel();
  await panel.onSuccess.fill(arn(listener));
  await panel.onFailure.fill(hook.url);
  await panel.ok.click();
  await destinations.says('The destinations were saved.');
  await expect(destinations.fact('On Success')).toHaveText(arn(listener));
  await expect(destinations.fact('On Failure')).toHaveText(hook.url);

  await workspace.submit(fn, 'good', '{"n": 1}');
  await workspace.submit(fn, 'bad', 'fail please');
  await task.openOf(fn, 'good');
  await task.reaches('Succeeded');
  await task.factBecomes('Delivery', 'Delivered');
  await expect(task.fact('On Success')).toContainText(arn(listener));
  const tasks = task.fact('On Success').getByRole('link', { name: `Tasks of ${listener.name}` });
  await expect(tasks, 'B-29').toHaveAttribute('href', listener.path('tasks'));
  await expect.poll(async () => (await workspace.tasks(listener)).map(({ status }) => status)).toEqual(['Succeeded']);

  await task.openOf(fn, 'bad');
  await task.reaches('Failed');
  await task.factBecomes('Delivery', 'Delivered');
  await expect(task.fact('On Failure')).toHaveText(hook.url);
  expect(hook.outcomes).toHaveLength(1);
  expect(hook.outcomes[0]).toMatchObject({ requestPayload: 'fail please', requestContext: { approximateInvokeCount: 1 } });
});

test('C-67 an outcome that nobody took is delivered again', async ({ console, page, workspace }) => {
  await using hook = await Hook.listen();
  hook.refuses = true;
  const fn = await workspace.makeFunction(ECHO, { destinationConfig: { onSuccess: { destination: hook.url } } });
  const task = new TaskPage(page, console.javaScript);
  await workspace.submit(fn, 'told', '{"n": 1}');
  await task.openOf(fn, 'told');
  await task.reaches('Succeeded');
  await task.factBecomes('Delivery', 'Failed');
  await expect(task.fact('Tries')).toHaveText('4');
  await expect(task.fact('Last error')).toContainText('500');
  hook.refuses = false;
  await page.getByRole('button', { name: 'Deliver again' }).click();
  await task.says('The outcome is being delivered again.');
  await task.factBecomes('Delivery', 'Delivered');
  await expect(task.fact('Sent again by')).toHaveText('admin');
  await expect(page.getByRole('button', { name: 'Deliver again' })).toHaveCount(0);
  expect(hook.outcomes.map(({ responsePayload }) => responsePayload)).toEqual(['{"n": 1}']);
});

test('C-67 what cannot be a destination is refused beside its field', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const destinations = new DestinationsPage(page, console.javaScript);
  await destinations.open(fn.path('async'));
  const panel = await destinations.openPanel();
  guard.expectRefusal(400);
  for (const [text, words] of [
    [arn(fn), 'A function cannot be its own destination.'],
    [`${arn(fn)}-missing`, `There is no function ${fn.name}-missing in the service ${fn.service}.`],
    ['ftp://example.com/', 'It is neither a function nor an address.'],
  ] as const) {
    await panel.onFailure.fill(text);
    await panel.ok.click();
    await expectFieldError(panel.onFailure, words);
    await expect(panel.onFailure).toHaveValue(text);
    await destinations.ready();
  }
  expect((await workspace.asyncConfig(fn)).destinationConfig?.onFailure ?? null, 'nothing of it was saved').toBeNull();
});

test('C-67 two functions that are each other’s destination are warned of', async ({ console, page, workspace }) => {
  const first = await workspace.makeFunction(ECHO);
  const second = await workspace.makeFunction(ECHO, { destinationConfig: { onSuccess: { destination: arn(first) } } });
  const destinations = new DestinationsPage(page, console.javaScript);
  await destinations.open(first.path('modify-destinations'));
  await destinations.shows('Modify Destinations');
  await page.getByLabel('On Success').fill(arn(second));
  await page.getByRole('button', { name: 'OK' }).click();
  await destinations.says('One of them has this function as its own destination');
});
