import { FunctionList } from './pages/task-functions.ts';
import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { BRIEF, ECHO } from './support/codes.ts';
import { countLoads } from './support/loads.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

// Promise 6: what is on the screen is at most this old.
const LIVE = { timeout: 2_000 };

test.describe('B-01 pages are live', { tag: '@javascript' }, () => {
  test('B-01 C-09 C-49 after a plain reload too, a task submitted elsewhere appears by itself', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(BRIEF);
    const tasks = new TasksPage(page, console.javaScript);
    await workspace.submit(fn, 'earlier', '{}', 3_600);
    await tasks.openOf(fn);
    await tasks.reload();
    await expect(tasks.row('earlier')).toBeVisible();
    const loads = countLoads(page);
    await workspace.submit(fn, 'from-outside', '{}');
    await expect(tasks.row('from-outside')).toBeVisible(LIVE);
    await expect(tasks.chip('All')).toHaveAccessibleName('All 2', LIVE);
    await workspace.reaches(fn, 'from-outside', 'Succeeded');
    await expect(tasks.status('from-outside')).toHaveAttribute('data-status', 'Succeeded', LIVE);
    await expect(tasks.chip('Succeeded')).toHaveAccessibleName('Succeeded 1', LIVE);
    expect(loads()).toBe(0);
  });

  test('B-01 the first task of an empty list appears by itself', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(ECHO);
    const tasks = new TasksPage(page, console.javaScript);
    await tasks.openOf(fn);
    await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible();
    await workspace.submit(fn, 'only', '{}');
    await expect(tasks.row('only')).toBeVisible(LIVE);
  });

  test('B-01 C-49 details follow their task, its log included', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(BRIEF);
    const task = new TaskPage(page, console.javaScript);
    await workspace.submit(fn, 'watched', '{}', 6);
    await task.openOf(fn, 'watched');
    await task.reload();
    const loads = countLoads(page);
    await expect(task.status).toHaveAttribute('data-status', 'Enqueued');
    await expect(task.status).toHaveAttribute('data-status', 'Running');
    await expect(page.getByRole('status').filter({ hasText: 'watched is now Running.' })).toBeAttached(LIVE);
    await expect(task.log, 'while it runs').toContainText('half way through', LIVE);
    await workspace.reaches(fn, 'watched', 'Succeeded');
    await expect(task.status).toHaveAttribute('data-status', 'Succeeded', LIVE);
    await expect(task.returnValue).toHaveText('done with {}', LIVE);
    await task.expectHistory(['Enqueued', 'Processed', 'Running', 'Succeeded']);
    expect(loads()).toBe(0);
  });

  test('B-01 the figures of Task Execution Functions follow', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(ECHO);
    const list = new FunctionList(page, console.javaScript);
    await list.open(`/${REGION}/tasks?search=${fn.name}`);
    await expect(await list.cell(fn.name, 'Waiting')).toHaveText('0');
    await workspace.submit(fn, 'waits', '{}', 3_600);
    await expect(await list.cell(fn.name, 'Waiting')).toHaveText('1', LIVE);
    await workspace.stop(fn, 'waits');
    await expect(await list.cell(fn.name, 'Waiting')).toHaveText('0', LIVE);
  });

  test('B-01 live updates can be paused, and Refresh still works', async ({ console, context, page, workspace }) => {
    const fn = await workspace.makeFunction(ECHO);
    const tasks = new TasksPage(page, console.javaScript);
    const watcher = new TasksPage(await context.newPage(), console.javaScript);
    await workspace.submit(fn, 'first', '{}', 3_600);
    await tasks.openOf(fn);
    await watcher.openOf(fn);
    const pause = page.getByRole('button', { name: 'Pause live updates' });
    await pause.click();
    await expect(pause).toHaveAttribute('aria-pressed', 'true');
    await workspace.submit(fn, 'second', '{}', 3_600);
    // Another page was told of it, so this one would have been too.
    await expect(watcher.row('second')).toBeVisible(LIVE);
    await expect(tasks.row('second')).toHaveCount(0);
    await tasks.refresh.click();
    await expect(tasks.row('second')).toBeVisible();
    await workspace.submit(fn, 'third', '{}', 3_600);
    await expect(watcher.row('third')).toBeVisible(LIVE);
    await expect(tasks.row('third')).toHaveCount(0);
    await pause.click();
    await expect(tasks.row('third'), 'what was missed is caught up with').toBeVisible(LIVE);
  });

  test('B-01 new rows wait while the pointer is over the table', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(ECHO);
    const tasks = new TasksPage(page, console.javaScript);
    await workspace.submit(fn, 'first', '{}', 3_600);
    await tasks.openOf(fn);
    await tasks.row('first').hover();
    await workspace.submit(fn, 'second', '{}', 3_600);
    const pill = page.getByRole('button', { name: '1 new' });
    await expect(pill).toBeVisible(LIVE);
    await expect(tasks.row('second')).toHaveCount(0);
    await workspace.stop(fn, 'first');
    await expect(tasks.status('first'), 'cells change at once').toHaveAttribute('data-status', 'Stopped', LIVE);
    await pill.click();
    await expect(tasks.row('second')).toBeVisible();
  });
});
