// Why a task waits, on its page.
import { TaskPage } from './pages/task.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';

test('C-37 a delayed task tells until when it waits', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const task = new TaskPage(page, console.javaScript);
  await workspace.submit(fn, 'later', '{}', 3_600);
  await task.openOf(fn, 'later');
  await expect(task.fact('Why it waits')).toHaveText(/^The delay that it was submitted with ends at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.$/);
});

test('C-37 a paused queue is told of; resuming it lets the task run', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const queue = `/services/${fn.service}/functions/${fn.name}/queue`;
  const task = new TaskPage(page, console.javaScript);
  await workspace.call('PUT', queue, 200, { body: { paused: true } });
  await workspace.submit(fn, 'first', '{}');
  await workspace.submit(fn, 'second', '{}');
  await task.openOf(fn, 'second');
  await expect(task.fact('Why it waits')).toContainText('The queue of the function has been paused since');
  await workspace.call('PUT', queue, 200, { body: { paused: false } });
  await task.reaches('Succeeded');
  await expect(task.fact('Why it waits')).toHaveCount(0);
});
