import { BulkPage } from './pages/bulk.ts';
import { FAILS_ON_REQUEST } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION, SERVICE } from './support/workspace.ts';

test('SC-23 B-17 failed tasks are grouped, dismissed until they recur, and executed again', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 });
  const fails = async (id: string) => {
    await workspace.submit(fn, id, 'fail');
    await workspace.reaches(fn, id, 'Failed');
  };
  await fails('one');
  await fails('two');
  const bulk = new BulkPage(page, console.javaScript);
  await bulk.open(`/${REGION}/tasks`);
  await bulk.mainNav.getByRole('link', { name: 'Dead Letters' }).click();
  await bulk.shows('Dead Letters');
  await bulk.ready();
  const search = page.getByRole('search');
  await search.getByRole('combobox', { name: 'Function', exact: true }).selectOption(`${SERVICE}/${fn.name}`);
  await search.getByRole('button', { name: 'Search' }).click();
  await page.waitForURL(/[?&]function=/);
  await bulk.ready();
  const row = page.getByRole('table', { name: 'Dead letters' }).locator('tbody').getByRole('row');
  await expect(row).toHaveCount(1);
  await expect(row.getByRole('cell')).toContainText(['UnhandledInvocationError', fn.name, 'Failed', '2', /\d/, /\d/, 'two']);
  await expect(row.getByRole('link', { name: /^Open UnhandledInvocationError of / })).toBeVisible();

  const error = row.getByRole('cell').first();
  await expect(error.getByText('asked to fail by fail', { exact: true }).first(), 'the message, not the object that it came in').toBeVisible();
  await expect(error).not.toContainText('errorMessage');
  await expect(error.getByText('ValueError', { exact: true })).toBeHidden();
  await error.getByText('Details', { exact: true }).click();
  await expect(error.getByText('ValueError', { exact: true })).toBeVisible();
  await expect(error.getByRole('region', { name: /^Stack trace of / })).toContainText('index.py');

  await row.getByRole('button', { name: /^Dismiss / }).click();
  await expect(page.getByRole('heading', { name: 'No failed tasks in this window' })).toBeVisible();
  await fails('three');
  await bulk.reload();
  await expect(row.getByRole('cell').nth(3)).toHaveText('1');

  await workspace.changeFunction(fn, { code: FAILS_ON_REQUEST.replace('if b"fail" in event', 'if False') });
  await row.getByRole('link', { name: /^Re-execute all / }).click();
  await bulk.shows('Re-execute 1 task');
  await expect(bulk.fact('Filter')).toContainText('status Failed');
  await bulk.begin('Re-execute 1 task').click();
  await bulk.ends('1 of 1 done');
  await expect(bulk.outcomes.getByRole('link', { name: 'three', exact: true })).toBeVisible();
});
