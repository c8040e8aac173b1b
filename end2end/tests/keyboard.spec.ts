import type { Locator, Page } from '@playwright/test';
import { PASSWORD } from '../lib/server.mjs';
import { SignInPage } from './pages/sign-in.ts';
import { FunctionList } from './pages/task-functions.ts';
import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

test.use({ signedIn: false });

// Goes on by Tab until the control has the focus, and sees that the focus can be seen.
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((node) => node === document.activeElement)) {
      await expect(target).toBeInViewport();
      const outline = await target.evaluate((node) => getComputedStyle(node).outlineStyle);
      expect(outline, 'a focus that can be seen').not.toBe('none');
      return;
    }
  }
  throw new Error(`80 Tabs did not reach ${target}`);
}

test('B-23 C-01 C-16 C-17 C-18 by keyboard alone: sign in, open a function, submit a task, look at it', async ({
  console,
  page,
  workspace,
}) => {
  // Some eighty keys, each looked at.
  test.slow();
  const fn = await workspace.makeFunction(ECHO);
  const { keyboard } = page;
  const signIn = new SignInPage(page, console.javaScript);
  const list = new FunctionList(page, console.javaScript);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);

  await signIn.open(`/login?next=/${REGION}/tasks`);
  await expect(signIn.user, 'the first field has the focus').toBeFocused();
  await keyboard.type('admin');
  await keyboard.press('Tab');
  await keyboard.type(PASSWORD);
  await keyboard.press('Enter');
  await signIn.loaded(/^[^?]*\/tasks$/);

  // The first Tab offers the way past the navigation.
  const skip = page.getByRole('link', { name: 'Skip to main content' });
  await keyboard.press('Tab');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('searchbox'));
  await keyboard.type(fn.name);
  await keyboard.press('Enter');
  await expect(list.row('ev-hello')).toHaveCount(0);
  await tabTo(page, list.link(fn.name));
  await keyboard.press('Enter');
  await tasks.shows('Asynchronous Tasks');

  await tabTo(page, tasks.submit);
  await keyboard.press('Enter');
  const scope = await tasks.form('Submit Task');
  await tabTo(page, scope.getByRole('radio', { name: 'Generate automatically' }));
  await keyboard.press('ArrowRight');
  await expect(scope.getByRole('radio', { name: 'Custom' })).toBeChecked();
  await tabTo(page, scope.getByLabel('Task ID', { exact: true }));
  await keyboard.type('by-keyboard');
  await tabTo(page, scope.getByRole('radio', { name: 'Immediately' }));
  await keyboard.press('ArrowDown');
  await expect(scope.getByRole('radio', { name: 'After a delay' })).toBeChecked();
  await keyboard.press('ArrowUp');
  await expect(scope.getByRole('radio', { name: 'Immediately' })).toBeChecked();
  await tabTo(page, scope.getByRole('button', { name: 'OK' }));
  await keyboard.press('Space');
  await tasks.says('The task was submitted.');
  await workspace.reaches(fn, 'by-keyboard', 'Succeeded');
  if (!console.javaScript) {
    await tabTo(page, tasks.refresh);
    await keyboard.press('Enter');
  }
  await expect(tasks.status('by-keyboard')).toHaveAttribute('data-status', 'Succeeded');

  await tabTo(page, tasks.row('by-keyboard').getByRole('link', { name: 'by-keyboard', exact: true }));
  await keyboard.press('Enter');
  await task.shows('by-keyboard');
  await expect(task.returnValue).toHaveText('{}');
});

test('SC-13 B-23 the dialog keeps the focus until Esc gives it back', { tag: '@javascript' }, async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const signIn = new SignInPage(page, console.javaScript);
  const tasks = new TasksPage(page, console.javaScript);
  await signIn.open('/login');
  await signIn.signIn('admin', PASSWORD);
  await signIn.loaded(/\/overview$/);
  await tasks.openOf(fn);
  await tasks.submit.focus();
  await page.keyboard.press('Enter');
  const form = await tasks.openedSubmit();
  await expect(form.ok).toBeVisible();
  // A browser's own controls may take a Tab; nothing behind the dialog may.
  for (let presses = 0; presses < 15; presses++) {
    await page.keyboard.press('Tab');
    const where = await page.evaluate(() => {
      const focused = document.activeElement;
      return !focused || focused === document.body || Boolean(focused.closest('dialog[open]'));
    });
    expect(where, `after ${presses + 1} Tabs`).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(form.scope).toBeHidden();
  await expect(tasks.submit).toBeFocused();
});
