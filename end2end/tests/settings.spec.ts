import { expectFieldError } from './pages/console.ts';
import { LogsPage } from './pages/logs.ts';
import { TaskPage } from './pages/task.ts';
import { SPEAKS } from './support/codes.ts';
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
  await expect(page.getByRole('row').filter({ hasText: 'Event of an asynchronous call' })).toContainText('128 KB');
  for (const [limit, value] of [
    ['Event of a synchronous call', '32 MB'],
    ['Execution timeout', '86,400 s (1 d)'],
    ['Requests that an instance serves at once', '200'],
    ['Triggers of a function', '50'],
    ['Instances of a region', '100'],
  ] as const) {
    await expect(page.getByRole('row').filter({ hasText: limit })).toContainText(value);
  }
});

test('B-20 SC-26 times are those of the zone that is chosen, in lists and logs alike, and an address may name another', async ({ console, guard, page, workspace }) => {
  const main = page.getByRole('main');
  const zone = main.getByLabel('Time Zone', { exact: true });
  const sample = console.fact('Exact').getByRole('time');
  const choose = async (name: string) => {
    await console.open('/settings');
    await zone.fill(name);
    const loaded = page.waitForEvent('load');
    await main.getByRole('button', { name: 'Set time zone' }).click();
    await loaded;
    await console.ready();
  };
  guard.expectRefusal(400);
  await choose('Mars/Olympus');
  await expectFieldError(zone, 'There is no time zone of this name.');

  await choose('asia/shanghai');
  await expect(zone).toHaveValue('Asia/Shanghai');
  await expect(page.locator('#time-zones option[value="America/New_York"]')).toBeAttached();
  const chosen = page.getByRole('banner').getByRole('button', { name: 'Time zone: Asia/Shanghai' });
  await expect(chosen).toHaveText('Shanghai');
  await console.open('/-/components');
  await expect(sample).toHaveText('2026-11-24 20:01:05.002');
  await expect(sample).toHaveAttribute('title', '2026-11-24 20:01:05.002 UTC+08:00 · 2026-11-24T12:01:05.002Z');
  expect(await (await page.request.get('/-/components')).text(), 'as the server sends it').toContain('2026-11-24 20:01:05.002');
  await console.open('/-/components?tz=America/New_York');
  await expect(sample).toHaveText('2026-11-24 07:01:05.002');

  // Both kinds of logs, none of them shifted twice.
  const fn = await workspace.makeFunction(SPEAKS);
  await workspace.submit(fn, 'first', 'first');
  await workspace.reaches(fn, 'first', 'Succeeded');
  const [logs, task] = [new LogsPage(page, console.javaScript), new TaskPage(page, console.javaScript)];
  await logs.openOf(fn);
  const time = logs.line('says first').getByRole('time');
  const at = new Date((await time.getAttribute('datetime'))!);
  const there = new Date(at.getTime() + 8 * 3_600_000).toISOString().replace('T', ' ').replace('Z', '');
  await expect(time).toHaveText(there);
  await task.openOf(fn, 'first');
  await expect(task.log.getByRole('listitem').filter({ hasText: 'says first' }).getByRole('time')).toHaveText(there.slice(11));

  await console.open('/-/components?tz=America/New_York');
  await page.getByRole('banner').getByRole('button', { name: 'Time zone: America/New_York' }).click();
  await page.getByRole('button', { name: 'Browser', exact: true }).click();
  await console.loaded(/components$/);
  await expect(sample).toHaveText('2026-11-24 12:01:05.002');
});

test('B-22 SC-26 single keys lead to the filter, through the rows and to their help, until they are switched off', { tag: '@javascript' }, async ({ console, page }) => {
  const { keyboard } = page;
  const link = (row: number) => page.getByRole('main').getByRole('row').filter({ has: page.getByRole('link') }).nth(row).getByRole('link').first();
  const filter = page.getByRole('main').getByRole('searchbox');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  const search = page.getByRole('dialog', { name: 'Search' });
  await console.open(`/${REGION}/tasks`);
  await keyboard.press('j');
  await expect(link(0)).toBeFocused();
  await keyboard.press('j');
  await expect(link(1)).toBeFocused();
  await keyboard.press('k');
  await expect(link(0)).toBeFocused();
  await keyboard.press('/');
  await expect(filter).toBeFocused();
  await keyboard.type('j/k?');
  await expect(filter, 'in a field they are text').toHaveValue('j/k?');
  await filter.blur();
  await keyboard.press('?');
  await expect(help).toContainText('Ctrl K');
  await keyboard.press('Escape');
  await expect(help).toBeHidden();
  await keyboard.press('j');
  await expect(link(0)).toBeFocused();
  const to = await link(0).getAttribute('href');
  await keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`${to}$`));

  await console.open('/settings');
  await expect(page.getByRole('main')).toContainText('To the filter of the list');
  await page.getByRole('group', { name: 'Single-key shortcuts' }).getByRole('radio', { name: 'Off' }).check();
  const loaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Set shortcuts' }).click();
  await loaded;
  await console.open(`/${REGION}/tasks`);
  for (const key of ['/', 'j', '?', 'Control+k']) await keyboard.press(key);
  await expect(search).toBeVisible();
  await expect(help).toHaveCount(0);
  await keyboard.press('Escape');
  await expect(filter).not.toBeFocused();
  await expect(link(0)).not.toBeFocused();
});

test.describe('in a browser that is not in UTC', () => {
  test.use({ timezoneId: 'America/St_Johns' });

  test('B-20 the zone of the browser takes over when scripts run', async ({ console }) => {
    await console.open('/-/components');
    const sample = console.fact('Exact').getByRole('time');
    await expect(sample).toHaveText(console.javaScript ? '2026-11-24 08:31:05.002' : '2026-11-24 12:01:05.002');
    await console.open('/-/components?tz=UTC');
    await expect(sample).toHaveText('2026-11-24 12:01:05.002');
  });
});
