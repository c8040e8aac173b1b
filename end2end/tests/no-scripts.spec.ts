// What the console is to a browser that runs no scripts: pages and plain forms.
import type { Page } from '@playwright/test';
import { expectFieldError } from './pages/console.ts';
import { PolicyPage } from './pages/policy.ts';
import { TasksPage } from './pages/tasks.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';

// Status and place of the answer to what the press sends.
async function posts(page: Page, press: () => Promise<void>): Promise<{ status: number; location: string }> {
  const [answer] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), press()]);
  return { status: answer.status(), location: answer.headers().location ?? '' };
}

test('B-26 without scripts a form is a POST, its answer a 303, and the next page says what was done', async ({
  console,
  guard,
  page,
  workspace,
}) => {
  test.skip(console.javaScript, 'where scripts run, they send the forms');
  const fn = await workspace.makeFunction(ECHO);
  const policy = new PolicyPage(page, console.javaScript);
  const tasks = new TasksPage(page, console.javaScript);
  await policy.open(fn.path('async'));
  const panel = await policy.openPanel();
  await expect(page).toHaveURL(new RegExp(fn.path('modify-async-policy')));
  guard.expectRefusal(400);
  await panel.retries.fill('9');
  expect(await posts(page, () => panel.ok.click())).toMatchObject({ status: 400 });
  await expect(panel.alert).toBeFocused();
  await expectFieldError(panel.retries, 'Enter a whole number from 0 to 8.');
  await panel.alert.getByRole('link', { name: 'Enter a whole number from 0 to 8.' }).click();
  await expect(panel.retries).toBeFocused();
  await panel.retries.fill('2');
  const saved = await posts(page, () => panel.ok.click());
  expect(saved.status).toBe(303);
  expect(saved.location).toContain(fn.path('async'));
  await policy.says('The asynchronous policy was saved.');
  await expect(policy.fact('Maximum Retries')).toHaveText('2');

  await tasks.openOf(fn);
  const form = await tasks.openSubmit();
  await form.chooseId('plain');
  await form.delay('3600');
  const submitted = await posts(page, () => form.ok.click());
  expect(submitted.status).toBe(303);
  expect(submitted.location).toContain(fn.path('tasks'));
  await tasks.says('The task was submitted.');
  expect(await posts(page, () => tasks.action('Stop', 'plain').click())).toMatchObject({ status: 303 });
  await tasks.says('The task was stopped.');
  // The page that followed can be loaded again without doing it again.
  await page.reload();
  expect(await workspace.tasks(fn)).toHaveLength(1);
  await expect(tasks.status('plain')).toHaveAttribute('data-status', 'Stopped');
});
