import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { ECHO, LINGERS } from './support/codes.ts';
import { countLoads } from './support/loads.ts';
import { expect, test } from './support/test.ts';
import { Fn } from './support/workspace.ts';

const SLOW = new Fn('demo', 'ev-slow');
const WEB = new Fn('demo', 'http-hello');

test('C-25 C-42 C-43 a running task is stopped from its row by way of Stopping', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(LINGERS);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(fn);
  await tasks.submitAs('to-stop');
  await tasks.reaches('to-stop', 'Running');
  // The code has to have begun, or it could not take its time to end.
  await task.openOf(fn, 'to-stop');
  await expect(async () => {
    if (!console.javaScript) await page.reload();
    await expect(task.log).toContainText('waiting to be stopped', { timeout: 1_000 });
  }).toPass();
  await tasks.openOf(fn);
  const loads = countLoads(page);
  await expect(tasks.action('Re-execute', 'to-stop')).toHaveAttribute('title', 'This task has not ended yet.');
  await tasks.act('Stop', 'to-stop');
  await tasks.says('The task is being stopped.');
  await expect(tasks.status('to-stop')).toHaveAttribute('data-status', 'Stopping');
  await expect(tasks.action('Stop', 'to-stop')).toHaveAttribute('title', 'This task is already being stopped.');
  await tasks.reaches('to-stop', 'Stopped');
  if (console.javaScript) expect(loads(), 'all of it without a reload').toBe(0);
  await expect(tasks.action('Stop', 'to-stop')).toHaveAttribute('title', 'This task has already ended.');
  await expect(tasks.action('Stop', 'to-stop')).toHaveAttribute('aria-disabled', 'true');

  await task.openOf(fn, 'to-stop');
  await task.expectHistory(['Enqueued', 'Processed', 'Running', 'Stopping', 'Stopped']);
  await expect(task.fact('Stopped by')).toHaveText('admin');
  await expect(task.fact('Had begun')).toHaveText('Yes');
});

test('C-25 the demo function ev-slow is stopped from its details', async ({ console, page, workspace }) => {
  const id = workspace.name('slow');
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(SLOW);
  await tasks.submitAs(id);
  await task.openOf(SLOW, id);
  await task.reaches('Running');
  await page.getByRole('button', { name: `Stop ${id}`, exact: true }).click();
  await task.stopNow();
  await expect(page.getByRole('status').filter({ hasText: /The task is being stopped\.|The task was stopped\./ })).toBeVisible();
  await task.reaches('Stopped');
  await task.expectHistory(['Enqueued', 'Processed', 'Running', 'Stopping', 'Stopped']);
  await expect(page.getByText('This task ended without a return value.')).toBeVisible();
});

test('C-25 C-42 a task that waits is stopped at once and never runs', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await workspace.submit(fn, 'waits', '{}', 3_600);
  await tasks.openOf(fn);
  await tasks.act('Stop', 'waits');
  await tasks.says('The task was stopped.');
  await tasks.reaches('waits', 'Stopped');
  await task.openOf(fn, 'waits');
  await task.expectHistory(['Enqueued', 'Stopped']);
  await expect(task.fact('Had begun')).toHaveText('No');
});

test('SC-12 a stop that comes too late says how the task ended', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  await workspace.submit(fn, 'quick', '{}', 6);
  await tasks.openOf(fn);
  // The page learns nothing of the end: without scripts by itself, with them by being paused.
  if (console.javaScript) await page.getByRole('button', { name: 'Pause live updates' }).click();
  await expect(tasks.status('quick')).toHaveAttribute('data-status', 'Enqueued');
  await workspace.reaches(fn, 'quick', 'Succeeded');
  await tasks.act('Stop', 'quick');
  await tasks.says('The task ended before it could be stopped: Succeeded.');
  expect((await workspace.task(fn, 'quick')).status).toBe('Succeeded');
});

test('C-26 re-executing makes a new task with the same input, linked to the first, which stays as it was', async ({
  console,
  page,
  workspace,
}) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await workspace.submit(fn, 'first', '{"n":1}');
  await workspace.reaches(fn, 'first', 'Succeeded');
  const before = await workspace.task(fn, 'first');
  await tasks.openOf(fn);
  await tasks.act('Re-execute', 'first');
  await task.says('A new task with the same input was submitted.');
  const id = await task.heading.innerText();
  expect(id).not.toBe('first');
  await expect(page).toHaveURL(new RegExp(`^[^?]*${fn.path(`tasks/${id}`)}`));
  await task.reaches('Succeeded');
  await expect(task.input).toContainText('"n": 1');
  await expect(task.returnValue).toContainText('"n": 1');
  await task.fact('Re-executes').getByRole('link', { name: 'first' }).click();
  await task.shows('first');
  await expect(task.fact('Re-executed as').getByRole('link')).toHaveText([id]);
  expect(await workspace.task(fn, 'first')).toEqual(before);
  expect((await workspace.tasks(fn)).map(({ invocationId }) => invocationId).toSorted()).toEqual([id, 'first'].toSorted());
});

test('C-27 a task of an HTTP function cannot be re-executed', async ({ baseURL, console, page, workspace }) => {
  const id = workspace.name('http');
  const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-id': id };
  const accepted = await fetch(`${baseURL}/2016-08-15/proxy/demo/http-hello/?name=you`, { headers });
  expect(accepted.status).toBe(202);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(WEB);
  await tasks.reaches(id, 'Succeeded');
  await expect(tasks.action('Re-execute', id)).toHaveAttribute('title', 'HTTP functions cannot be re-executed.');
  await expect(tasks.action('Re-execute', id)).toHaveAttribute('aria-disabled', 'true');
  await task.openOf(WEB, id);
  await expect(task.returnValue).toContainText('hello you');
  await expect(page.getByRole('link', { name: 'Re-execute with changes' })).toHaveAttribute('title', 'HTTP functions cannot be re-executed.');
});

test('B-07 re-executing with changes begins with the input of the task and makes a linked one', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const task = new TaskPage(page, console.javaScript);
  await workspace.submit(fn, 'first', '{"n":1}');
  await workspace.reaches(fn, 'first', 'Succeeded');
  await task.openOf(fn, 'first');
  await page.getByRole('link', { name: 'Re-execute with changes' }).click();
  await console.shows('Re-execute with changes');
  const event = page.getByLabel('Event', { exact: true });
  await expect(event).toHaveValue('{"n":1}');
  await event.fill('{"n":2}');
  await page.getByRole('radio', { name: 'Custom' }).check();
  await page.getByLabel('Task ID', { exact: true }).fill('first');
  guard.expectRefusal(409);
  await page.getByRole('button', { name: 'OK' }).click();
  await expect(page.getByRole('link', { name: 'Open the existing task first' })).toBeVisible();
  await expect(event).toHaveValue('{"n":2}');
  await page.getByLabel('Task ID', { exact: true }).fill('second');
  await page.getByRole('button', { name: 'OK' }).click();
  await task.shows('second');
  await task.says('The task was submitted.');
  await task.reaches('Succeeded');
  await expect(task.input).toContainText('"n": 2');
  await task.fact('Re-executes').getByRole('link', { name: 'first' }).click();
  await task.shows('first');
  const made = task.fact('Re-executed as').getByRole('link');
  await expect(made).toHaveText(['second']);
  if (console.javaScript) {
    const other = await page.context().newPage();
    await other.goto(fn.path('tasks/first'));
    await other.getByRole('button', { name: 'Re-execute first', exact: true }).click();
    await expect(made, 'shown as it is made').toHaveCount(2);
    await other.close();
  }
  await console.open(fn.path('task-parameters'));
  await expect(event, 'what other submissions send').toHaveValue('{}');
});

test('C-28 View Logs leads to the log of the task', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await workspace.submit(fn, 'logged', '{"n":1}');
  await workspace.reaches(fn, 'logged', 'Succeeded');
  await tasks.openOf(fn);
  await tasks.openActions(tasks.row('logged'));
  await tasks.row('logged').getByRole('link', { name: 'View Logs logged' }).click();
  await expect(page).toHaveURL(`${fn.path('tasks/logged')}#log`);
  await expect(task.log).toContainText('got {"n":1}');
  await expect(page.getByRole('heading', { name: 'Log', exact: true })).toBeInViewport();
});

test('B3 where the code of a page cannot be had, the page is the one that works without scripts', { tag: '@javascript' }, async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await workspace.submit(fn, 'seen', '{"n":1}');
  await workspace.reaches(fn, 'seen', 'Succeeded');
  await tasks.openOf(fn);
  guard.expectRefusal(404, 'split_pages.wasm');
  guard.expectConsoleError('HTTP status code is not ok');
  await page.route('**/split_pages.wasm', (route) => route.fulfill({ status: 404 }));
  await tasks.row('seen').getByRole('link', { name: 'seen', exact: true }).click();
  await expect(page).toHaveURL(fn.path('tasks/seen'));
  await expect(task.input).toContainText('"n": 1');
  await expect(page.locator('html')).not.toHaveAttribute('data-hydrated');
  await page.getByRole('button', { name: 'Re-execute seen', exact: true }).click();
  await console.says('A new task with the same input was submitted.');
});
