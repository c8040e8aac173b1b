import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { Fn, type Status } from './support/workspace.ts';

const FAIL = new Fn('demo', 'ev-fail');
const FLAKY = new Fn('demo', 'ev-flaky');

test('C-41 a task that fails shows the kind of error, its message and where it happened', async ({ console, page, workspace }) => {
  const id = workspace.name('fails');
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(FAIL);
  await tasks.submitAs(id);
  await tasks.reaches(id, 'Failed');
  await expect(tasks.row(id)).toContainText('ValueError: this function always fails');
  await task.openOf(FAIL, id);
  await expect(task.status).toHaveAttribute('data-status', 'Failed');
  await expect(task.error()).toContainText('UnhandledInvocationError · ValueError');
  await expect(task.error()).toContainText('this function always fails');
  await expect(task.stackTrace).toContainText('File "/code/index.py", line 4, in handler');
  await expect(task.fact('Retries')).toHaveText('3 of 3');
  const attempt: Status[] = ['Running', 'Retrying'];
  await task.expectHistory(['Enqueued', 'Processed', ...attempt, ...attempt, ...attempt, 'Running', 'Failed']);
  await expect(page.getByText('This task ended without a return value.')).toBeVisible();
  await expect(task.log).toContainText('about to fail');
});

test('C-46 B-02 a task that needs retries shows them while they last and afterwards, phase by phase', async ({ console, workspace, page }) => {
  const id = workspace.name('flaky');
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(FLAKY);
  await workspace.submit(FLAKY, id, '{"failures":3}');
  await tasks.reaches(id, 'Retrying');
  await expect(tasks.row(id)).toContainText(/next (now|in \d s)/);
  await tasks.reaches(id, 'Succeeded');
  await task.openOf(FLAKY, id);
  const attempt: Status[] = ['Running', 'Retrying'];
  await task.expectHistory(['Enqueued', 'Processed', ...attempt, ...attempt, ...attempt, 'Running', 'Succeeded']);
  // One lane for each attempt with the wait before it, each bar with its own times.
  const timeline = page.getByRole('img', { name: /^Timeline: 4 lanes in .+, the same as the list below$/ });
  await expect(timeline).toBeVisible();
  for (const n of [1, 2, 3, 4]) await expect(timeline.getByText(`Attempt ${n}`, { exact: true })).toBeVisible();
  const bars = (await timeline.locator('rect > title').allTextContents()).map((title) => title.split(':')[0]);
  expect(bars.filter((phase) => phase === 'Running')).toHaveLength(4);
  expect(bars.filter((phase) => phase === 'Waiting for the retry')).toHaveLength(3);
  await expect(task.fact('Retries')).toHaveText('3 of 3');
  await expect(task.returnValue).toHaveText('worked after 3 retries');
  await expect(task.events.filter({ hasText: 'Retrying' }).first()).toContainText('failing on purpose, 2 more to come');
  await expect(timeline.locator('title')).toContainText([/^Queued: /, /^Dispatch: /, /^Running: /, /^Waiting for the retry: /, /^Running: /]);
  if (console.javaScript) {
    const whole = await timeline.getAttribute('aria-label');
    await page.getByRole('button', { name: 'Zoom in', exact: true }).press('Enter');
    await expect(timeline, 'half of it is shown').not.toHaveAttribute('aria-label', whole ?? '');
    await expect(page.getByRole('button', { name: 'Later', exact: true })).toBeEnabled();
    await page.getByRole('button', { name: 'Zoom out', exact: true }).press('Enter');
    await expect(timeline).toHaveAttribute('aria-label', whole ?? '');
    await expect(page.getByRole('button', { name: 'Zoom out', exact: true })).toBeDisabled();
  }
  await expect(task.log).toContainText('attempt 1');
  await expect(task.log).toContainText('attempt 4');
  await expect(task.error(), 'an error that was got over is none').toHaveCount(0);
});

test('SC-18 C-84 an unknown task is a page that says so, with status 404', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  guard.expectRefusal(404, '/tasks/never-was');
  const answer = await page.goto(fn.path('tasks/never-was'));
  expect(answer?.status()).toBe(404);
  await console.ready();
  await console.shows('Not found');
  await expect(page.getByText('No task with this ID. Records are kept for 7 days.', { exact: true })).toBeVisible();
  await expect(page.getByText('404 StatefulAsyncInvocationNotFound', { exact: true })).toBeVisible();
  await expect(page.getByRole('alert').locator('code')).toHaveText(/^[0-9a-f-]{36}$/);
  if (console.javaScript) await expect(page.getByRole('button', { name: 'Copy request ID' })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: fn.name, exact: true }).click();
  await console.shows('Asynchronous Tasks');
});

test('SC-18 what the tenant wrote is shown as text', async ({ console, page, workspace }) => {
  const marks = `</script><script>document.title = 'taken over'</script><b>bold</b><img src=x onerror="document.title = 'taken over'">&amp;`;
  const fn = await workspace.makeFunction(`
def handler(event, context):
    print(event.decode("utf-8"))
    if context.retry_count == 0:
        raise ValueError(event.decode("utf-8"))
    return event
`);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await workspace.submit(fn, 'marked', marks);
  await workspace.reaches(fn, 'marked', 'Succeeded');
  await task.openOf(fn, 'marked');
  for (const place of [task.input, task.returnValue]) await expect(place).toHaveText(marks);
  await expect(task.log).toContainText(marks);
  await expect(task.events.filter({ hasText: 'Retrying' })).toContainText(marks.slice(0, 60));
  await expect(page.locator('main b, main img, main script')).toHaveCount(0);
  await expect(page).toHaveTitle(/^marked – /);

  await tasks.open(`${fn.path('tasks')}?invocationIdPrefix=${encodeURIComponent(marks)}`);
  await expect(tasks.prefix).toHaveValue(marks);
  await expect(page.locator('main b, main img, main script')).toHaveCount(0);
  await expect(page).toHaveTitle(/^Asynchronous Tasks – /);
});
