import type { Page } from '@playwright/test';
import { TasksPage } from './pages/tasks.ts';
import { FAILS_ON_REQUEST } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import type { Fn, Workspace } from './support/workspace.ts';

// Three tasks, submitted in this order: one that succeeds and two that fail.
async function threeTasks(workspace: Workspace): Promise<Fn> {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 });
  for (const [id, event, end] of [
    ['alpha-1', 'good', 'Succeeded'],
    ['alpha-2', 'fail', 'Failed'],
    ['beta-1', 'fail', 'Failed'],
  ] as const) {
    await workspace.submit(fn, id, event);
    await workspace.reaches(fn, id, end);
  }
  return fn;
}

const query = (page: Page): string[] =>
  [...new URL(page.url()).searchParams].filter(([, value]) => value !== '').map(([name, value]) => `${name}=${value}`).toSorted();

test('B-04 B-05 C-48 C-72 filters alone and together are in the address and survive reload and Back', async ({ console, page, workspace }) => {
  const fn = await threeTasks(workspace);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  await tasks.expectIds(['beta-1', 'alpha-2', 'alpha-1']);
  await expect(tasks.chip('All')).toHaveAccessibleName('All 3');
  await expect(tasks.chip('Failed')).toHaveAccessibleName('Failed 2');
  await expect(tasks.chip('Expired')).toHaveAccessibleName('Expired 0');
  // A hundred of them have to be quick on a phone.
  const nodes = await tasks.row('alpha-2').evaluate((row) => row.querySelectorAll('*').length);
  expect(nodes, 'elements of a row').toBeLessThan(24);

  await tasks.chip('Failed').click();
  await tasks.expectIds(['beta-1', 'alpha-2']);
  expect(query(page)).toEqual(['status=Failed']);
  await expect(tasks.chip('Failed')).toHaveAttribute('aria-current', 'true');
  await tasks.reload();
  await tasks.expectIds(['beta-1', 'alpha-2']);

  await tasks.prefix.fill('alpha');
  await tasks.apply.click();
  await tasks.expectIds(['alpha-2']);
  expect(query(page)).toEqual(['invocationIdPrefix=alpha', 'status=Failed']);
  await tasks.reload();
  await tasks.expectIds(['alpha-2']);
  await expect(tasks.prefix).toHaveValue('alpha');

  await page.goBack();
  await tasks.ready();
  await tasks.expectIds(['beta-1', 'alpha-2']);
  await expect(tasks.prefix).toHaveValue('');
  await page.goBack();
  await tasks.ready();
  await tasks.expectIds(['beta-1', 'alpha-2', 'alpha-1']);
  await expect(tasks.chip('All')).toHaveAttribute('aria-current', 'true');
  await page.goForward();
  await tasks.ready();
  await tasks.expectIds(['beta-1', 'alpha-2']);
});

test('B-05 columns are chosen, and stay with filters, pages, views and Back', async ({ console, page, workspace }) => {
  const fn = await threeTasks(workspace);
  const tasks = new TasksPage(page, console.javaScript);
  const views = page.getByRole('navigation', { name: 'Views' });
  const columns = page.getByRole('button', { name: 'Columns', exact: true });
  const choice = page.getByRole('group', { name: 'Columns' });
  const some = ['Status', 'Task ID', 'Start Time', 'Duration', 'Actions'];
  const all = ['Status', 'Task ID', 'Start Time', 'End Time', 'Duration', 'Retries', 'Request ID', 'Instance ID', 'Actions'];
  const shows = async (heads: string[]) => {
    await expect(tasks.table.getByRole('columnheader')).toHaveText(heads);
    // No row has another number of cells than the head.
    await expect(tasks.table.locator('tr[data-task]').first().getByRole('cell')).toHaveCount(heads.length);
  };
  const choose = async (shown: boolean, ...names: string[]) => {
    await columns.click();
    await expect(choice.getByRole('checkbox')).toHaveCount(6);
    for (const name of names) await choice.getByRole('checkbox', { name }).setChecked(shown);
    await choice.getByRole('button', { name: 'Apply' }).click();
    await tasks.ready();
  };
  await tasks.openOf(fn);
  await shows(all);
  await choose(false, 'End Time', 'Retries', 'Request ID', 'Instance ID');
  await shows(some);
  expect(new URL(page.url()).searchParams.getAll('columns').join(',')).toBe('id,start,duration');
  await tasks.reload();
  await shows(some);
  await tasks.refresh.click();
  await shows(some);

  await tasks.prefix.fill('alpha');
  await tasks.apply.click();
  await tasks.expectIds(['alpha-2', 'alpha-1']);
  await shows(some);
  await views.getByRole('link', { name: 'Failed in the last 24 hours' }).click();
  await tasks.expectIds(['beta-1', 'alpha-2']);
  await shows(some);
  const name = workspace.name('narrow');
  await views.getByRole('link', { name: 'Save view' }).click();
  await page.getByRole('main').getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Save view' }).click();
  await tasks.says('The view was saved.');
  await shows(some);
  await tasks.filters.getByRole('link', { name: 'Clear filters' }).click();
  await tasks.expectIds(['beta-1', 'alpha-2', 'alpha-1']);
  await shows(some);

  await tasks.openOf(fn, '?limit=1');
  await shows(all);
  await views.getByRole('link', { name, exact: true }).click();
  await tasks.expectIds(['beta-1', 'alpha-2']);
  await shows(some);
  await page.goBack();
  await tasks.ready();
  await tasks.expectIds(['beta-1']);
  await shows(all);
  await choose(false, 'Request ID');
  const most = all.filter((head) => head !== 'Request ID');
  await shows(most);
  await tasks.pages.getByRole('link', { name: 'Next ›' }).click();
  await tasks.expectIds(['alpha-2']);
  await shows(most);
  await choose(true, 'Request ID');
  await shows(all);
  await tasks.expectIds(['alpha-2']);
});

test('C-72 more than one state can be chosen, and each filter taken away', async ({ console, page, workspace }) => {
  const fn = await threeTasks(workspace);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  await tasks.filters.getByRole('button', { name: 'Status All' }).click();
  await page.getByRole('checkbox', { name: 'Succeeded' }).check();
  await page.getByRole('checkbox', { name: 'Expired' }).check();
  await page.keyboard.press('Escape');
  await tasks.prefix.fill('alpha');
  await tasks.apply.click();
  await tasks.expectIds(['alpha-1']);
  expect(query(page)).toEqual(['invocationIdPrefix=alpha', 'status=Expired', 'status=Succeeded']);
  const chips = page.getByRole('group', { name: 'Filters in force' });
  await chips.getByRole('link', { name: 'Remove filter Status: Expired' }).click();
  await expect.poll(() => query(page)).toEqual(['invocationIdPrefix=alpha', 'status=Succeeded']);
  await chips.getByRole('link', { name: 'Remove filter ID prefix: alpha' }).click();
  await expect.poll(() => query(page)).toEqual(['status=Succeeded']);
  await tasks.expectIds(['alpha-1']);
  await tasks.prefix.fill('no-such');
  await tasks.apply.click();
  await expect(page.getByRole('heading', { name: 'Nothing matches these filters' })).toBeVisible();
  await tasks.filters.getByRole('link', { name: 'Clear filters' }).click();
  await tasks.expectIds(['beta-1', 'alpha-2', 'alpha-1']);
  expect(query(page)).toEqual([]);
});

test('C-68 C-72 C-74 SC-12 a time window and the order', async ({ console, page, workspace }) => {
  const fn = await threeTasks(workspace);
  const tasks = new TasksPage(page, console.javaScript);
  const time = tasks.page.getByRole('columnheader', { name: 'Start Time' });
  const [from, to] = [tasks.filters.getByLabel('Start from (UTC)'), tasks.filters.getByLabel('to (UTC)', { exact: true })];
  await tasks.openOf(fn);
  await expect(time).toHaveAttribute('aria-sort', 'descending');
  const columns = ['Status', 'Task ID', 'Start Time', 'End Time', 'Duration', 'Retries', 'Request ID', 'Instance ID', 'Actions'];
  await expect(tasks.table.getByRole('columnheader')).toHaveText(columns);
  await expect(page.getByRole('main').getByText('Kept 7 days', { exact: true })).toBeVisible();
  await tasks.filters.getByLabel('Order').selectOption({ label: 'Oldest first' });
  await tasks.apply.click();
  await tasks.expectIds(['alpha-1', 'alpha-2', 'beta-1']);
  await expect(time).toHaveAttribute('aria-sort', 'ascending');

  await from.fill('2020-01-01T00:00:00');
  await to.fill('2020-01-02T00:00:00');
  await tasks.apply.click();
  await expect(page.getByRole('heading', { name: 'No tasks in this time range.' })).toBeVisible();
  await expect(page.getByRole('main').getByText('Records are kept for 7 days.')).toBeVisible();
  await tasks.reload();
  await expect(page.getByRole('heading', { name: 'No tasks in this time range.' })).toBeVisible();
  await expect(from).toHaveValue(/^2020-01-01T00:00/);

  await to.fill('2099-01-01T00:00:00');
  await tasks.apply.click();
  await tasks.expectIds(['alpha-1', 'alpha-2', 'beta-1']);

  await to.fill('2019-01-01T00:00:00');
  await tasks.apply.click();
  await expect(page.getByRole('alert').filter({ hasText: 'The end must not be before the start.' })).toBeVisible();
});

test('SC-12 pages follow each other without a gap or a repeat', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST);
  const tasks = new TasksPage(page, console.javaScript);
  const ids = Array.from({ length: 23 }, (_, n) => `p-${String(n).padStart(2, '0')}`);
  for (const id of ids) await workspace.submit(fn, id, 'good');
  for (const id of ids) await workspace.reaches(fn, id, 'Succeeded');
  const newestFirst = (await workspace.tasks(fn)).map(({ invocationId }) => invocationId);
  expect(newestFirst.toSorted()).toEqual(ids);

  await tasks.openOf(fn);
  await tasks.filters.getByLabel('Rows').selectOption('10');
  await tasks.apply.click();
  await tasks.expectIds(newestFirst.slice(0, 10));
  await expect(tasks.pages.getByRole('link', { name: 'First' })).toHaveCount(0);
  await tasks.pages.getByRole('link', { name: 'Next' }).click();
  await tasks.expectIds(newestFirst.slice(10, 20));
  await tasks.reload();
  await tasks.expectIds(newestFirst.slice(10, 20));
  await tasks.pages.getByRole('link', { name: 'Next' }).click();
  await tasks.expectIds(newestFirst.slice(20));
  await expect(tasks.pages.getByRole('link', { name: 'Next' })).toHaveCount(0);
  await page.goBack();
  await tasks.ready();
  await tasks.expectIds(newestFirst.slice(10, 20));
  await tasks.pages.getByRole('link', { name: 'First' }).click();
  await tasks.expectIds(newestFirst.slice(0, 10));
});

test('SC-12 a page link that is no more says so and shows the first page', async ({ console, page, workspace }) => {
  const fn = await threeTasks(workspace);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn, '?nextToken=nonsense');
  await expect(page.getByRole('alert').filter({ hasText: 'This page link has expired.' })).toBeVisible();
  await tasks.expectIds(['beta-1', 'alpha-2', 'alpha-1']);
});
