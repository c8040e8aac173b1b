// What was counted, as charts and tables (SC-20, C-79, B-15).
import { FAILS_ON_REQUEST } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { EMPTY_REGION, REGION } from './support/workspace.ts';

test('SC-20 B-15 C-79 five submitted tasks raise what is enqueued by five, and the table says the same as the chart', async ({
  console,
  page,
  workspace,
}) => {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 });
  await console.open(fn.path('metrics'));
  await console.shows('Metrics');
  await expect(page.getByRole('heading', { name: 'No data in this window' })).toBeVisible();

  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const id of ids) await workspace.submit(fn, id, id === 'e' ? 'fail' : 'fine');
  for (const id of ids) await workspace.reaches(fn, id, id === 'e' ? 'Failed' : 'Succeeded');
  await console.reload();
  const chart = (name: string) => page.getByRole('figure', { name, exact: true });
  await expect(chart('Enqueued and processed')).toContainText('Enqueued5');
  await expect(chart('Enqueued and processed')).toContainText('Processed5');
  await expect(chart('Invocations')).toContainText('Invocations5');
  await expect(chart('Errors by kind')).toContainText('Function1');
  await expect(console.fact('Succeeded')).toHaveText('80.0 %');
  await expect(console.fact('Backlog')).toHaveText('0');

  const table = chart('Enqueued and processed').getByRole('table');
  await expect(table).toBeHidden();
  await chart('Enqueued and processed').getByText('Show as table').click();
  await expect(table).toBeVisible();
  await expect(table.getByRole('columnheader')).toHaveText(['Time (UTC)', 'Enqueued', 'Processed']);
  // A minute may have ended in between.
  const cells = await table.locator('tbody tr td:nth-child(2)').allInnerTexts();
  expect(cells.map(Number).reduce((sum, count) => sum + count, 0)).toBe(5);

  const chosen = (): number[] => ['from', 'to'].map((name) => Date.parse(`${new URL(page.url()).searchParams.get(name)}Z`));
  const minutes = (): number => (chosen()[1]! - chosen()[0]!) / 60_000;
  await page.getByRole('link', { name: 'Zoom in' }).click();
  await page.waitForURL(/[?&]from=.*&to=/);
  await console.ready();
  expect(minutes(), 'half of the last hour').toBe(30);
  await expect(page.getByRole('heading', { name: 'No data in this window' }), 'its middle').toBeVisible();
  const [, middle] = chosen();
  for (const later of [15, 30]) {
    await page.getByRole('link', { name: 'Later', exact: true }).click();
    await expect.poll(() => (chosen()[1]! - middle!) / 60_000).toBe(later);
  }
  await console.ready();
  await expect(chart('Invocations')).toContainText('Invocations5');
  if (console.javaScript) {
    // What was counted is in the middle of the drawing now.
    const drag = async (from: number, to: number): Promise<void> => {
      const drawing = chart('Invocations').locator('svg').last();
      await drawing.scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await drawing.boundingBox())!;
      await page.mouse.move(x + from * width, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + to * width, y + height / 2, { steps: 4 });
      await page.mouse.up();
    };
    const end = chosen()[1]!;
    await drag(0.4, 1.02);
    await expect.poll(minutes, 'out of the drawing').toBe(18);
    expect(chosen()[1]).toBe(end);
    await expect(chart('Invocations')).toContainText('Invocations5');
    await page.goBack();
    await expect.poll(minutes).toBe(30);
    await expect(chart('Invocations')).toContainText('Invocations5');
    await drag(0.3, 0.02);
    await expect(page.getByRole('heading', { name: 'No data in this window' })).toBeVisible();
    await expect(page.getByRole('main').getByLabel('From (UTC)')).toHaveValue(new URL(page.url()).searchParams.get('from')!);
    await page.goBack();
    await expect(chart('Invocations')).toContainText('Invocations5');
  }

  await page.getByRole('link', { name: 'Open tasks in this window' }).click();
  await console.shows('Asynchronous Tasks');
  await expect(page).toHaveURL(/[?&]from=\d{4}-\d\d-\d\dT\d\d%3A\d\d&to=/);
  await expect(page.getByRole('table', { name: 'Asynchronous tasks' }).locator('tr[data-task]')).toHaveCount(5);
});

test('SC-20 the window and the qualifier stand in the address', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST);
  await workspace.submit(fn, 'a', 'fine');
  await workspace.reaches(fn, 'a', 'Succeeded');
  await console.open(fn.path('metrics'));
  const main = page.getByRole('main');
  await main.getByLabel('Window', { exact: true }).selectOption('Last 24 hours');
  await main.getByLabel('Version or Alias').selectOption('LATEST');
  await main.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/[?&]minutes=1440&qualifier=LATEST/);
  await console.ready();
  await expect(page.getByRole('figure', { name: 'Invocations', exact: true })).toContainText('Invocations1');
  await expect(main.getByLabel('Window', { exact: true })).toHaveValue('1440');

  await console.open(fn.path('metrics?from=2026-01-02T00:00&to=2026-01-01T00:00'));
  await expect(console.alert).toHaveText('The end must not be before the start.');
  await console.open(fn.path('metrics?from=2026-01-01T00:00&to=2026-03-01T00:00'));
  await expect(console.alert).toHaveText('Choose at most 31 days.');
  await expect(main.getByLabel('From (UTC)')).toHaveValue('2026-01-01T00:00');
  await console.open(fn.path('metrics?from=2001-01-01T00:00&to=2001-01-02T00:00'));
  await expect(page.getByRole('heading', { name: 'No data in this window' })).toBeVisible();
});

test('SC-20 a region has the figures of its functions together', async ({ console, page }) => {
  await console.open(`/${REGION}/overview`);
  await console.mainNav.getByRole('link', { name: 'Metrics', exact: true }).click();
  await console.shows('Metrics');
  await expect(page).toHaveURL(`/${REGION}/metrics`);
  await expect(page.getByRole('figure')).not.toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Open tasks in this window' })).toHaveAttribute('href', /\/all-tasks\?from=.*&to=/);
  await console.open(`/${EMPTY_REGION}/metrics`);
  await expect(page.getByRole('heading', { name: 'No data in this window' })).toBeVisible();
});
