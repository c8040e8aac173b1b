// The tasks of all functions of a region as one list, and its views (SC-17, B-05).
import AxeBuilder from '@axe-core/playwright';
import { TasksPage } from './pages/tasks.ts';
import { FAILS_ON_REQUEST } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION, SERVICE, type Workspace } from './support/workspace.ts';

// A function of its own service with one task that succeeds and one that fails.
async function twoTasks(workspace: Workspace, service: string) {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 }, 'f', service);
  const [good, bad] = [workspace.name('good'), workspace.name('bad')];
  await workspace.submit(fn, good, 'good');
  await workspace.reaches(fn, good, 'Succeeded');
  await workspace.submit(fn, bad, 'fail');
  await workspace.reaches(fn, bad, 'Failed');
  return { fn, good, bad };
}

test('B-04 SC-17 tasks of all functions: counts, filters in the address, rows that lead on', async ({ console, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const { fn: one, good: oneGood, bad: oneBad } = await twoTasks(workspace, service);
  const { fn: other, good: otherGood, bad: otherBad } = await twoTasks(workspace, service);
  const tasks = new TasksPage(page, console.javaScript);
  const table = page.getByRole('table', { name: 'All tasks' });
  const ids = () => table.locator('tr[data-task]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-task')));
  await tasks.open(`/${REGION}/tasks`);
  await page.getByRole('main').getByRole('link', { name: 'All Tasks' }).click();
  await tasks.shows('All Tasks');
  await expect(tasks.mainNav.getByRole('link', { name: 'Tasks', exact: true })).toHaveAttribute('aria-current', 'page');

  await tasks.open(`/${REGION}/all-tasks?service=${service}`);
  await expect.poll(ids).toEqual([otherBad, otherGood, oneBad, oneGood]);
  await expect(tasks.chip('All')).toHaveAccessibleName('All 4');
  await expect(tasks.chip('Failed')).toHaveAccessibleName('Failed 2');
  if (console.javaScript) expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  const [first, last] = await Promise.all([tasks.prefix, tasks.apply].map((part) => part.boundingBox()));
  expect(last!.y, 'the filters have one row').toBe(first!.y);
  // Beside the navigation of a laptop's screen it fits; on a narrower one the actions stay in sight.
  await expect(table.getByRole('columnheader')).toHaveText([
    'Select',
    'Status',
    'Task ID',
    'Service',
    'Function Name',
    'Start Time',
    'End Time',
    'Duration',
    'Retries',
    'Request ID',
    'Instance ID',
    'Actions',
  ]);
  const hidden = () => page.getByRole('region', { name: 'All tasks' }).evaluate((frame) => frame.scrollWidth - frame.clientWidth);
  expect(await hidden()).toBe(0);
  await page.setViewportSize({ width: 800, height: 800 });
  expect(await hidden()).toBeGreaterThan(0);
  await expect(table.getByRole('link', { name: `View Logs ${otherBad} of ${other.name}` })).toBeInViewport({ ratio: 1 });
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(table.getByRole('row').nth(1)).toHaveCSS('height', '37px');
  const pill = await table.locator('[data-status="Succeeded"]').first().evaluate((badge) => {
    const cell = badge.closest('td')!;
    return { cut: cell.scrollWidth - cell.clientWidth, inside: cell.getBoundingClientRect().right >= badge.getBoundingClientRect().right };
  });
  expect(pill).toEqual({ cut: 0, inside: true });
  await tasks.chip('Failed').click();
  await expect.poll(ids).toEqual([otherBad, oneBad]);
  expect(new URL(page.url()).search).toBe(`?service=${service}&status=Failed`);
  await tasks.filters.getByLabel('Function Name').selectOption(one.name);
  await tasks.apply.click();
  await expect.poll(ids).toEqual([oneBad]);
  await expect(tasks.chip('All')).toHaveAccessibleName('All 2');
  await tasks.reload();
  const cells = table.getByRole('row').filter({ hasText: oneBad }).getByRole('cell');
  await expect(cells).toContainText(['Failed', oneBad, service, one.name]);
  // The choice of columns has the names too.
  await page.getByRole('button', { name: 'Columns', exact: true }).click();
  const choice = page.getByRole('group', { name: 'Columns' });
  for (const name of ['Service', 'Request ID', 'Instance ID']) await choice.getByRole('checkbox', { name }).uncheck();
  await choice.getByRole('button', { name: 'Apply' }).click();
  await tasks.ready();
  await expect(table.getByRole('columnheader')).toHaveText(['Select', 'Status', 'Task ID', 'Function Name', 'Start Time', 'End Time', 'Duration', 'Retries', 'Actions']);
  await expect(cells).toHaveCount(9);
  await page.getByRole('link', { name: 'Remove filter Function Name' }).click();
  await expect.poll(ids).toEqual([otherBad, oneBad]);
  await tasks.prefix.fill(otherBad);
  await tasks.apply.click();
  await expect.poll(ids).toEqual([otherBad]);
  // What a row can do names the function, whose task is meant.
  const waits = workspace.name('waits');
  await workspace.submit(other, waits, '{}', 3_600);
  await tasks.open(`/${REGION}/all-tasks?service=${service}`);
  await expect(table.getByRole('button', { name: `Stop ${otherBad} of ${other.name}`, exact: true })).toHaveAttribute('title', 'This task has already ended.');
  await expect(table.getByRole('link', { name: `Re-execute with changes ${otherBad} of ${other.name}` })).toHaveAttribute('href', /[?&]from=/);
  await table.getByRole('button', { name: `Stop ${waits} of ${other.name}`, exact: true }).click();
  await tasks.stopNow();
  await tasks.says('The task was stopped.');
  await expect(table.locator(`tr[data-task="${waits}"] [data-status]`)).toHaveAttribute('data-status', 'Stopped');
  await table.getByRole('button', { name: `Re-execute ${waits} of ${other.name}`, exact: true }).click();
  await tasks.says('A new task with the same input was submitted.');
  await expect(page).toHaveURL(new RegExp(other.path('tasks/')));
  await tasks.open(`/${REGION}/all-tasks?service=${service}&invocationIdPrefix=${otherBad}`);

  await table.getByRole('link', { name: otherBad, exact: true }).click();
  await tasks.shows(otherBad);
  await expect(page).toHaveURL(new RegExp(other.path('tasks')));
});

test('B-05 a view keeps the filters of a list by a name, and is a link', async ({ console, page, workspace }) => {
  const { fn, bad } = await twoTasks(workspace, SERVICE);
  const tasks = new TasksPage(page, console.javaScript);
  const views = page.getByRole('navigation', { name: 'Views' });
  const name = workspace.name('mine');
  await tasks.openOf(fn);
  await views.getByRole('link', { name: 'Failed in the last 24 hours' }).click();
  await tasks.expectIds([bad]);
  await expect(page).toHaveURL(/[?&]from=/);
  await expect(views.getByRole('link', { name: 'Running longer than 10 minutes' })).toBeVisible();

  await tasks.openOf(fn, '?status=Failed');
  await views.getByRole('link', { name: 'Save view' }).click();
  await tasks.shows('Save view');
  await page.getByRole('main').getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Save view' }).click();
  await tasks.says('The view was saved.');
  await tasks.expectIds([bad]);
  await tasks.openOf(fn);
  await views.getByRole('link', { name, exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`${fn.path('tasks')}\\?status=Failed$`));
  await expect(views.getByRole('link', { name, exact: true })).toHaveAttribute('aria-current', 'true');

  await views.getByRole('link', { name: 'Saved Views' }).click();
  await tasks.shows('Saved Views');
  await page.getByRole('button', { name: `Delete ${name}`, exact: true }).click();
  await tasks.says('The view was deleted.');
  await tasks.openOf(fn);
  await expect(views.getByRole('link', { name, exact: true })).toHaveCount(0);
});

test('B-22 SC-27 search finds pages, functions and whole task ids, and leads there', async ({ console, page, workspace }) => {
  const { fn, good } = await twoTasks(workspace, SERVICE);
  await console.open(`/${REGION}/overview`);
  await page.getByRole('banner').getByRole('link', { name: 'Search' }).click();
  await console.shows('Search');
  const box = page.getByRole('search').getByLabel('Search this region');
  const results = page.getByRole('list', { name: 'Results' });
  const search = async (text: string) => {
    await box.fill(text);
    await page.getByRole('search').getByRole('button', { name: 'Search' }).click();
    await page.waitForURL(new RegExp(`[?&]q=${text.replace(' ', '(\\+|%20)')}`));
  };
  await search('dead lett');
  await expect(results.getByRole('link')).toHaveText([/^Page\s*Dead Letters/]);
  await search(fn.name.toUpperCase());
  await expect(results.getByRole('link', { name: fn.name })).toHaveAttribute('href', fn.path('tasks'));
  await search('no-such-name');
  await expect(page.getByRole('heading', { name: 'No results for no-such-name' })).toBeVisible();
  await search(good);
  await results.getByRole('link', { name: good }).click();
  await console.shows(good);
});

test('B-22 SC-27 Ctrl K opens the palette: arrows, Enter, Esc, recent items', { tag: '@javascript' }, async ({ console, page, workspace }) => {
  const { fn } = await twoTasks(workspace, SERVICE);
  await console.open(fn.path('tasks'));
  const dialog = page.getByRole('dialog', { name: 'Search' });
  const box = dialog.getByRole('combobox', { name: 'Search' });
  const options = dialog.getByRole('listbox', { name: 'Results' }).getByRole('option');
  const refresh = page.getByRole('button', { name: 'Refresh' });
  await refresh.focus();
  await page.keyboard.press('Control+k');
  await expect(box).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(refresh).toBeFocused();

  await page.keyboard.press('Control+k');
  await box.fill('create');
  await expect(options).toHaveText([/Create Service/, /Create Function/, /Create Access Key/, /Create User/]);
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await console.shows('Create User');
  await page.keyboard.press('Control+k');
  await expect(options.first()).toContainText('Create User');
  await box.fill('no-such-name');
  await expect(dialog.getByRole('status')).toHaveText('No results for no-such-name');
});
