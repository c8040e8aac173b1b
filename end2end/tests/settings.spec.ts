import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

test('SC-26 B-21 C-83 a theme that is chosen is there at the first paint, and the page says what the server was started with', async ({ console, page }) => {
  await console.open('/settings');
  await expect(page).toHaveURL(new RegExp(`/${REGION}/settings$`));
  await console.shows('Settings');
  await expect(page.getByRole('radio', { name: 'System' })).toBeChecked();
  await page.getByRole('radio', { name: 'Dark' }).check();
  await page.getByRole('main').getByRole('button', { name: 'OK', exact: true }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await console.ready();
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  expect(await (await page.request.get(page.url())).text()).toContain('data-theme="dark"');

  await expect(page.getByRole('row').filter({ hasText: '--retention-days' })).toContainText('How long records and logs are kept');
  await expect(page.getByRole('row').filter({ hasText: 'Event of an asynchronous call' })).toContainText('128.0 KB');
  for (const [limit, value] of [
    ['Event of a synchronous call', '32.0 MB'],
    ['Execution timeout', '86,400 s (1 d)'],
    ['Requests that an instance serves at once', '200'],
    ['Triggers of a function', '50'],
    ['Instances of a region', '100'],
  ] as const) {
    await expect(page.getByRole('row').filter({ hasText: limit })).toContainText(value);
  }
});
