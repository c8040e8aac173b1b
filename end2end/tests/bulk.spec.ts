import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import { BulkPage } from './pages/bulk.ts';
import { expectFieldError } from './pages/console.ts';
import { TasksPage } from './pages/tasks.ts';
import { ECHO, FAILS_ON_REQUEST } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION, type TaskRecord } from './support/workspace.ts';

test('C-75 B-03 SC-24 all that match are stopped, what came later is not, and each outcome is told', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  for (const id of ['a-1', 'a-2', 'b-1']) await workspace.submit(fn, id, '{}', 3_600);
  const tasks = new TasksPage(page, console.javaScript);
  const bulk = new BulkPage(page, console.javaScript);
  await tasks.openOf(fn, '?invocationIdPrefix=a-');
  await page.getByRole('link', { name: 'Stop all that match' }).click();
  await bulk.shows('Stop 2 tasks');
  await expect(bulk.fact('Filter')).toContainText(`function ${fn.name}, status Enqueued, Processed, Running or Retrying, ID begins with a-`);
  await expect(page.getByRole('table', { name: 'The first tasks' }).getByRole('link')).toHaveText(['a-1', 'a-2']);
  await expect(bulk.typed).toHaveCount(0);
  // After the page that asks: not what was confirmed.
  await workspace.submit(fn, 'a-later', '{}', 3_600);
  await bulk.begin('Stop 2 tasks').click();

  await bulk.ends('2 of 2 done');
  await bulk.shows('Stop 2 tasks');
  await expect(bulk.progress).toHaveAttribute('aria-valuenow', '2');
  await expect(bulk.progress).toHaveAttribute('aria-valuemax', '2');
  const rows = bulk.outcomes.locator('tbody').getByRole('row');
  await expect(rows).toHaveText([/a-1\s*Done/, /a-2\s*Done/]);
  await expect(page.getByRole('button', { name: 'Stop this bulk action' })).toHaveCount(0);
  if (console.javaScript) expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download outcomes' }).click();
  expect(await readFile(await (await download).path(), 'utf8')).toBe('taskId,result,reason,newTaskId\r\na-1,Done,,\r\na-2,Done,,\r\n');
  const states = Object.fromEntries((await workspace.tasks(fn)).map(({ invocationId, status }) => [invocationId, status]));
  expect(states).toEqual({ 'a-1': 'Stopped', 'a-2': 'Stopped', 'b-1': 'Enqueued', 'a-later': 'Enqueued' });

  await page.getByRole('link', { name: 'Bulk Actions' }).first().click();
  await bulk.shows('Bulk Actions');
  await expect(page.getByRole('row').filter({ hasText: fn.name })).toContainText(['Stop 2 tasks']);
});

test('C-75 B-03 all that match are executed again, each as a new task', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 });
  for (const id of ['bad-1', 'bad-2']) {
    await workspace.submit(fn, id, 'fail');
    await workspace.reaches(fn, id, 'Failed');
  }
  await workspace.changeFunction(fn, { code: ECHO });
  const tasks = new TasksPage(page, console.javaScript);
  const bulk = new BulkPage(page, console.javaScript);
  await tasks.openOf(fn, '?status=Failed');
  await page.getByRole('link', { name: 'Re-execute all that match' }).click();
  await bulk.begin('Re-execute 2 tasks').click();
  await bulk.ends('2 of 2 done');
  const rows = bulk.outcomes.locator('tbody').getByRole('row');
  await expect(rows).toHaveText([/bad-1\s*Done\s*New task [0-9a-f-]{36}/, /bad-2\s*Done\s*New task [0-9a-f-]{36}/]);
  const again = (await workspace.tasks(fn)).filter(({ invocationId }: TaskRecord) => !invocationId.startsWith('bad'));
  expect(again).toHaveLength(2);
  for (const { invocationId } of again) await workspace.reaches(fn, invocationId, 'Succeeded');
});

test('B-03 of those that match, the chosen ones are stopped', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  for (const id of ['a', 'b']) await workspace.submit(fn, id, '{}', 3_600);
  const bulk = new BulkPage(page, console.javaScript);
  await bulk.open(fn.path('stop-tasks'));
  await page.getByRole('link', { name: 'Choose among them' }).click();
  await bulk.shows('Stop Tasks');
  await page.getByRole('checkbox', { name: 'Select b' }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await bulk.begin('Stop 1 task').click();
  await bulk.ends('1 of 1 done');
  expect([(await workspace.task(fn, 'a')).status, (await workspace.task(fn, 'b')).status]).toEqual(['Enqueued', 'Stopped']);
});

test('B-03 SC-17 chosen tasks of several functions are stopped together, then all that match', async ({ console, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const one = await workspace.makeFunction(ECHO, {}, 'f', service);
  const other = await workspace.makeFunction(ECHO, {}, 'g', service);
  for (const fn of [one, other]) for (const id of ['a', 'b']) await workspace.submit(fn, id, '{}', 3_600);
  const bulk = new BulkPage(page, console.javaScript);
  const table = page.getByRole('table', { name: 'All tasks' });
  await bulk.open(`/${REGION}/all-tasks?service=${service}`);
  if (console.javaScript) {
    const checked = table.getByRole('checkbox', { checked: true });
    await page.getByLabel('Select all on this page').check();
    await expect(checked).toHaveCount(4);
    await page.getByLabel('Select all on this page').uncheck();
    await expect(checked).toHaveCount(0);
  }
  await table.getByRole('checkbox', { name: `Select a of ${one.name}`, exact: true }).check();
  await table.getByRole('checkbox', { name: `Select b of ${other.name}`, exact: true }).check();
  await page.getByRole('button', { name: 'Stop selected' }).click();
  await bulk.shows('Stop 2 tasks');
  await expect(bulk.fact('Filter')).toHaveText('all functions, 2 tasks chosen, status Enqueued, Processed, Running or Retrying');
  const samples = page.getByRole('table', { name: 'The first tasks' }).locator('tbody').getByRole('row');
  await expect(samples).toHaveText([new RegExp(`^a\\s*${one.name}`), new RegExp(`^b\\s*${other.name}`)]);
  await bulk.begin('Stop 2 tasks').click();
  await bulk.ends('2 of 2 done');
  const rows = bulk.outcomes.locator('tbody').getByRole('row');
  const row = (id: string, name: string) => new RegExp(`^${id}\\s*${service}\\s*${name}\\s*Done`);
  await expect(rows).toHaveText([row('a', one.name), row('b', other.name)]);
  if (console.javaScript) expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await bulk.open(`/${REGION}/all-tasks?service=${service}&status=Enqueued`);
  await page.getByRole('link', { name: 'Stop all that match' }).click();
  await bulk.shows('Stop 2 tasks');
  await expect(bulk.fact('Filter')).toHaveText(`service ${service}, status Enqueued`);
  await bulk.begin('Stop 2 tasks').click();
  await bulk.ends('2 of 2 done');
  for (const fn of [one, other]) expect((await workspace.tasks(fn)).map(({ status }) => status)).toEqual(['Stopped', 'Stopped']);
});

test('B-03 without a choice in All Tasks, tasks are chosen on the next page', async ({ console, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 }, 'f', service);
  await workspace.submit(fn, 'bad', 'fail');
  await workspace.reaches(fn, 'bad', 'Failed');
  const bulk = new BulkPage(page, console.javaScript);
  await bulk.open(`/${REGION}/all-tasks?service=${service}`);
  await page.getByRole('button', { name: 'Re-execute selected' }).click();
  await bulk.shows('Re-execute Tasks');
  await page.getByRole('checkbox', { name: `Select bad of ${fn.name}`, exact: true }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await bulk.begin('Re-execute 1 task').click();
  await bulk.ends('1 of 1 done');
  await expect(bulk.outcomes.locator('tbody').getByRole('row')).toHaveText([/^bad[^]*Done\s*New task [0-9a-f-]{36}/]);
});

test('SC-24 more than a thousand are confirmed by their number @javascript', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  await Promise.all(Array.from({ length: 1_001 }, (_, n) => workspace.submit(fn, `t${n}`, '{}', 3_600)));
  const bulk = new BulkPage(page, console.javaScript);
  await bulk.open(fn.path('stop-tasks'));
  await bulk.shows('Stop 1,001 tasks');
  await bulk.typed.fill('1000');
  guard.expectRefusal(400);
  await bulk.begin('Stop 1,001 tasks').click();
  await expectFieldError(bulk.typed, 'Type 1001 to confirm.');
  await bulk.typed.fill('1001');
  await bulk.begin('Stop 1,001 tasks').click();
  await page.waitForURL(/\/bulk\//);
  await page.reload();
  await bulk.ends('1,001 of 1,001 done');
});
