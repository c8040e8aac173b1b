// Why a task waits, on its page.
import { TaskPage } from './pages/task.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

test('C-37 a delayed task tells until when it waits', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const task = new TaskPage(page, console.javaScript);
  await workspace.submit(fn, 'later', '{}', 3_600);
  await task.openOf(fn, 'later');
  await expect(task.fact('Why it waits')).toHaveText(/^The delay that it was submitted with ends at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.$/);
});

test('C-37 B-18 a paused queue is told of; resuming it lets the task run', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const queue = `/services/${fn.service}/functions/${fn.name}/queue`;
  const task = new TaskPage(page, console.javaScript);
  await workspace.call('PUT', queue, 200, { body: { paused: true } });
  await workspace.submit(fn, 'first', '{}');
  await workspace.submit(fn, 'second', '{}');
  // On every page of the function, and over the tasks of the region while they are its own.
  const notice = page.getByRole('main').getByRole('paragraph').filter({ hasText: 'The queue of the function has been paused since' });
  for (const address of [fn.path('tasks'), fn.path('logs'), `/${REGION}/all-tasks?service=${fn.service}&function=${fn.name}`]) {
    await task.open(address);
    await expect(notice).toContainText('Tasks are still accepted, and wait.');
  }
  await task.openOf(fn, 'second');
  await expect(task.fact('Why it waits')).toContainText('The queue of the function has been paused since');
  await expect(notice).toBeVisible();
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await task.reaches('Succeeded');
  await expect(notice).toHaveCount(0);
  if (!console.javaScript) return;
  // A list that is live tells of it without being asked.
  await task.open(fn.path('tasks'));
  await expect(page.getByRole('button', { name: 'Pause live updates' })).toHaveAttribute('title', 'Changes are shown as they happen');
  await workspace.call('PUT', queue, 200, { body: { paused: true } });
  await expect(notice).toBeVisible();
  await workspace.call('PUT', queue, 200, { body: { paused: false } });
  await expect(notice).toHaveCount(0);
  await expect(task.fact('Why it waits')).toHaveCount(0);
});
