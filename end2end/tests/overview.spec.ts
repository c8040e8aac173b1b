// The region at a glance (SC-02, C-50).
import { FAILS_ON_REQUEST } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { EMPTY_REGION, REGION } from './support/workspace.ts';

test('SC-02 C-50 tiles, states, chart, slowest functions and recent failures', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 });
  const id = workspace.name('failed');
  await workspace.submit(fn, id, 'fail');
  await workspace.reaches(fn, id, 'Failed');
  await console.open(`/${REGION}/overview`);
  await console.shows('Overview');
  await expect(console.fact('Invocations')).toHaveText(/^[1-9][\d,]*$/);
  await expect(console.fact('Succeeded')).toHaveText(/^\d+\.\d %$/);
  await expect(console.fact('Backlog')).toHaveText(/^[\d,]+$/);
  await expect(console.fact('Running')).toHaveText(/^[\d,]+$/);
  const main = page.getByRole('main');
  await expect(main.getByRole('link', { name: /^Failed\s*,\s*[1-9]/ })).toHaveAttribute('href', `/${REGION}/all-tasks?status=Failed`);
  const chart = page.getByRole('figure', { name: 'Throughput and failures' });
  await chart.getByText('Show as table').click();
  await expect(chart.getByRole('columnheader')).toHaveText(['Time (UTC)', 'Invocations', 'Failed']);
  await expect(page.getByRole('table', { name: 'Slowest functions' }).getByRole('row')).not.toHaveCount(1);

  const failures = page.getByRole('table', { name: 'Recent failures' });
  await expect(failures.locator('[data-status]').first()).toBeVisible();
  await main.getByLabel('Window', { exact: true }).selectOption('Last 7 days');
  await main.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/[?&]minutes=10080/);
  await console.ready();
  await failures.getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Events' })).toBeVisible();
});

test('SC-02 a region without functions says what to do', async ({ console, page }) => {
  await console.open(`/${EMPTY_REGION}/overview`);
  await console.shows('Overview');
  await expect(page.getByRole('heading', { name: 'No functions yet' })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Create Function', exact: true }).click();
  await console.shows('Create Function');
});
