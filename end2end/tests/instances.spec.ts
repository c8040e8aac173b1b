// What runs in a region, and the ways between a task and its instance.
import { TaskPage } from './pages/task.ts';
import { SLEEPS } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

test('B-16 B-29 C-24 instances of a region lead to their functions, tasks and terminals, and a task to its instance', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(SLEEPS);
  const task = new TaskPage(page, console.javaScript);
  const name = `${fn.service}/${fn.name}`;
  await workspace.submit(fn, 'held', '300');
  await workspace.reaches(fn, 'held', 'Running');
  await console.open(`/${REGION}/tasks`);
  await console.openNav();
  await console.mainNav.getByRole('link', { name: 'Instances' }).click();
  await console.shows('Instances');
  await console.ready();
  const search = page.getByRole('search');
  await search.getByLabel('Function').selectOption(name);
  await search.getByLabel('Status').selectOption('Busy');
  if (console.javaScript) {
    const other = await workspace.makeFunction(SLEEPS);
    await workspace.submit(other, 'held', '300');
    await expect(search.getByRole('option', { name: `${other.service}/${other.name}` }), 'the list goes on').toBeAttached();
    await expect(search.getByLabel('Function'), 'what is chosen stays').toHaveValue(name);
    await expect(search.getByLabel('Status')).toHaveValue('Busy');
    await workspace.stop(other, 'held');
  }
  await search.getByRole('button', { name: 'Search' }).click();
  await page.waitForURL(/[?&]function=.*status=Busy/);
  await console.ready();
  const row = page.getByRole('table', { name: 'Instances' }).locator('tbody').getByRole('row');
  await expect(row).toHaveCount(1);
  await expect(row.getByRole('cell')).toContainText(['Busy', 'c-', name, '0 (LATEST)', /./, 'held', /./, ' MB', /./]);
  await expect(row.getByRole('link', { name })).toHaveAttribute('href', fn.path('instances'));
  await console.openActions(row);
  await expect(row.getByRole('link', { name: /^View Logs / })).toBeVisible();
  await expect(row.getByRole('link', { name: /^Log on to Instance / })).toHaveAttribute('href', /\/terminal$/);
  await page.keyboard.press('Escape');
  await row.getByRole('link', { name: 'held', exact: true }).click();
  await task.shows('held');
  const logOn = page.getByRole('link', { name: 'Log on to Instance held' });
  await expect(logOn, 'SC-18').toHaveAttribute('href', /\/terminal$/);
  await expect(task.fact('Qualifier').getByRole('link', { name: 'LATEST' })).toHaveAttribute('href', fn.path('code'));
  await expect(task.fact('Instance ID').getByRole('link'), 'C-39').toHaveAttribute('href', fn.path('instances'));
  await workspace.stop(fn, 'held');
  await task.reaches('Stopped');
  await expect(logOn).toHaveAttribute('aria-disabled', 'true');
  await console.open(`/${REGION}/instances?function=none/none`);
  await expect(page.getByRole('heading', { name: 'No instance matches' })).toBeVisible();
});

test('B-16 a drained instance takes no more tasks and ends with the one in hand', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(SLEEPS);
  await workspace.submit(fn, 'held', '8');
  await workspace.reaches(fn, 'held', 'Running');
  await console.open(fn.path('instances'));
  const rows = page.getByRole('table', { name: 'Instances' }).locator('tbody').getByRole('row');
  const first = rows.filter({ hasText: 'held' });
  await expect(first).toContainText('Busy');
  const id = (await first.locator('code').getAttribute('title'))!;
  await console.openActions(first);
  await page.getByRole('button', { name: `Drain ${id}`, exact: true }).click();
  await console.ready();
  await expect(first).toContainText('Draining');
  await console.openActions(first);
  await expect(page.getByRole('button', { name: `Drain ${id}`, exact: true })).toHaveAttribute('aria-disabled', 'true');

  await workspace.submit(fn, 'next', '0');
  await workspace.reaches(fn, 'held', 'Succeeded');
  await workspace.reaches(fn, 'next', 'Succeeded');
  expect((await workspace.task(fn, 'next')).instanceId, 'by another instance').not.toBe(id);
  await expect(async () => {
    await console.reload();
    await expect(rows).toHaveCount(1, { timeout: 250 });
    await expect(rows.locator('code')).not.toHaveAttribute('title', id, { timeout: 250 });
  }).toPass({ timeout: 20_000 });
  await console.open(`/${REGION}/audit?resource=services/${fn.service}/functions/${fn.name}/instances`);
  await expect(page.getByRole('row').filter({ hasText: `instances/${id}` })).toContainText(/admin.*DrainInstance/);
});
