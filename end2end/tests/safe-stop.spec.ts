// A stop can be undone for some seconds before it is sent (B-08).
import type { Locator, Page } from '@playwright/test';
import { PASSWORD } from '../lib/server.mjs';
import { SignInPage } from './pages/sign-in.ts';
import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { complaints } from './support/axe.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { type Fn, REGION, type Workspace } from './support/workspace.ts';

// The bar's line for a task.
const line = (page: Page, id: string, fn: Fn): Locator => page.getByText(`${id} of ${fn.name} will be stopped.`, { exact: true }).locator('..');
const button = (line: Locator, name: string): Locator => line.getByRole('button', { name, exact: true });

// From here on the page's time passes only when the test says so.
async function holdTime(page: Page, hours = 1): Promise<void> {
  await page.clock.pauseAt(Date.now() + hours * 3_600_000);
}

// The answer to a stop that is sent.
const sent = (page: Page) => page.waitForResponse((response) => response.url().includes('/stop_task'));

async function wait(workspace: Workspace, fn: Fn, ...ids: string[]): Promise<void> {
  for (const id of ids) await workspace.submit(fn, id, '{}', 3_600);
}

test('B-08 a stop is undone, let go, or sent at once, each for itself', { tag: '@javascript' }, async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  await wait(workspace, fn, 'undone', 'let-go', 'at-once');
  const tasks = new TasksPage(page, console.javaScript);
  await page.clock.install();
  await tasks.openOf(fn);
  await holdTime(page);
  for (const id of ['undone', 'let-go', 'at-once', 'undone']) await tasks.press('Stop', id);
  const [undone, letGo, atOnce] = ['undone', 'let-go', 'at-once'].map((id) => line(page, id, fn));
  await expect(page.getByRole('status').getByRole('button', { name: 'Undo' })).toHaveCount(3);
  // Who reads the bar is not hurried.
  await letGo!.hover();
  await page.clock.resume();
  expect(await complaints(page)).toEqual([]);
  await holdTime(page, 2);

  const answer = sent(page);
  await button(atOnce!, 'Stop now').click();
  await answer;
  await tasks.says('The task was stopped.');
  await tasks.reaches('at-once', 'Stopped');
  await button(undone!, 'Undo').click();
  await expect(undone!).toHaveCount(0);

  await letGo!.hover();
  await page.clock.runFor(30_000);
  await expect(letGo!).toContainText('5 s');
  await page.mouse.move(0, 0);
  await page.clock.runFor(4_000);
  await expect(letGo!).toContainText('1 s');
  expect((await workspace.task(fn, 'let-go')).status).toBe('Enqueued');
  await page.clock.runFor(1_000);
  await tasks.reaches('let-go', 'Stopped');
  await expect(page.getByRole('button', { name: 'Undo', exact: true })).toHaveCount(0);
  expect((await workspace.task(fn, 'undone')).events.map(({ status }) => status)).toEqual(['Enqueued']);
});

test('B-08 SC-18 by keyboard: Tab leads from Stop to Undo, where nothing is sent, and the focus comes back', { tag: '@javascript' }, async ({
  console,
  page,
  workspace,
}) => {
  const fn = await workspace.makeFunction(ECHO);
  await wait(workspace, fn, 'waits');
  const task = new TaskPage(page, console.javaScript);
  await page.clock.install();
  await task.openOf(fn, 'waits');
  await holdTime(page);
  const stop = page.getByRole('button', { name: 'Stop waits', exact: true });
  const bar = line(page, 'waits', fn);
  await stop.focus();
  await page.keyboard.press('Enter');
  await expect(bar).toBeVisible();
  await expect(stop).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(button(bar, 'Undo')).toBeFocused();
  await page.clock.runFor(30_000);
  await page.keyboard.press('Enter');
  await expect(bar).toHaveCount(0);
  await expect(stop).toBeFocused();
  expect((await workspace.task(fn, 'waits')).status).toBe('Enqueued');

  await page.keyboard.press('Enter');
  await expect(bar).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(button(bar, 'Stop now')).toBeFocused();
  await page.keyboard.press('Enter');
  await task.reaches('Stopped');
});

test('B-08 what is held is sent when its page is left, and shown on every page until then', { tag: '@javascript' }, async ({
  console,
  guard,
  page,
  workspace,
}) => {
  const fn = await workspace.makeFunction(ECHO);
  await wait(workspace, fn, 'left', 'refused');
  const tasks = new TasksPage(page, console.javaScript);
  await page.clock.install();
  await tasks.openOf(fn);
  await holdTime(page);
  await tasks.press('Stop', 'left');
  await expect(line(page, 'left', fn)).toBeVisible();
  await tasks.row('refused').getByRole('link', { name: 'refused', exact: true }).click();
  await tasks.shows('refused');
  await expect(line(page, 'left', fn)).toBeVisible();
  expect((await workspace.task(fn, 'left')).status).toBe('Enqueued');
  await page.goto('about:blank');
  await workspace.reaches(fn, 'left', 'Stopped');

  // What can't be sent stays until it can.
  await tasks.openOf(fn);
  await tasks.press('Stop', 'refused');
  await expect(line(page, 'refused', fn)).toBeVisible();
  await page.route('**/stop_task*', (route) => route.fulfill({ status: 503, body: '' }));
  guard.expectRefusal(503);
  await tasks.stopNow();
  await expect(page.getByRole('status').filter({ hasText: `refused of ${fn.name} was not stopped:` })).toBeVisible();
  await page.unroute('**/stop_task*');
  await tasks.stopNow();
  await tasks.reaches('refused', 'Stopped');
});

test('B-08 SC-17 a task of a service that is tagged as production is stopped only after a question', { tag: '@javascript' }, async ({
  console,
  page,
  workspace,
}) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(ECHO, {}, 'f', service);
  await workspace.call('POST', '/tag', 200, { body: { resourceArn: `services/${service}`, tags: { env: 'Production' } } });
  await wait(workspace, fn, 'kept', 'stopped');
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.open(`/${REGION}/all-tasks?service=${service}`);
  const ask = async (id: string) => {
    await page.getByRole('button', { name: `Stop ${id} of ${fn.name}`, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Stop ${id}?` });
    await expect(dialog).toContainText(`The service ${service} has the tag env=Production.`);
    await expect(page.getByRole('button', { name: 'Undo', exact: true })).toHaveCount(0);
    return dialog;
  };
  const first = await ask('kept');
  expect(await complaints(page)).toEqual([]);
  await first.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(first).toBeHidden();
  await expect(page.getByRole('button', { name: `Stop kept of ${fn.name}`, exact: true })).toBeFocused();
  // Leaving is no answer.
  await ask('kept');
  await page.reload();
  await console.ready();
  const answer = sent(page);
  await (await ask('stopped')).getByRole('button', { name: 'Stop', exact: true }).click();
  await answer;
  await workspace.reaches(fn, 'stopped', 'Stopped');
  await expect(page.locator('tr[data-task="stopped"] [data-status]')).toHaveAttribute('data-status', 'Stopped');
  expect((await workspace.task(fn, 'kept')).status).toBe('Enqueued');
});

test.describe('of somebody who signs out', () => {
  test.use({ signedIn: false });

  test('B-08 SC-01 what is held is sent before the session ends', { tag: '@javascript' }, async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(ECHO);
    await wait(workspace, fn, 'held');
    const tasks = new TasksPage(page, console.javaScript);
    const signIn = new SignInPage(page, console.javaScript);
    await signIn.open(`/login?next=${encodeURIComponent(fn.path('tasks'))}`);
    await signIn.signIn('admin', PASSWORD);
    await signIn.loaded(new RegExp(fn.path('tasks')));
    await tasks.press('Stop', 'held');
    await expect(line(page, 'held', fn)).toBeVisible();
    expect((await workspace.task(fn, 'held')).status).toBe('Enqueued');
    await page.getByRole('button', { name: 'User admin' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn.says('You have signed out.');
    await workspace.reaches(fn, 'held', 'Stopped');
  });
});
