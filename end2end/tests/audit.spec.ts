import { readFile } from 'node:fs/promises';
import { Api } from '../lib/api.mjs';
import { KEY } from '../lib/server.mjs';
import { AccessKeysPage } from './pages/access-keys.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

const audit = (query = ''): string => `/${REGION}/audit${query}`;

test('SC-25 C-86 what the API and the console change is listed, the newest first', async ({ console, page, workspace }) => {
  const service = await workspace.makeOwnService();
  await console.open(`/${REGION}/services/${service}/delete`);
  await page.getByRole('main').getByLabel('Service Name').fill(service);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await console.says('The service was deleted.');

  await console.open(audit(`?resource=services/${service}`));
  await console.shows('Audit');
  const rows = page.getByRole('row').filter({ hasText: `services/${service}` });
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(0).getByRole('cell')).toContainText([/\d/, 'admin', 'DeleteService', `services/${service}`, 'OK', '127.0.0.1', REGION]);
  await expect(rows.nth(1).getByRole('cell')).toContainText([/\d/, KEY.id, 'CreateService', `services/${service}`, 'OK', '127.0.0.1', REGION]);
  // Nothing in it can be changed.
  await expect(page.getByRole('main').getByRole('button')).toHaveText(['Search']);
});

test('SC-25 C-86 the filters stand in the address and choose among the entries', async ({ console, page, workspace }) => {
  const service = await workspace.makeOwnService();
  await workspace.call('PUT', `/services/${service}`, 200, { body: { description: 'a secret text' } });
  await console.open(audit());
  const search = page.getByRole('search');
  await search.getByLabel('Target begins with').fill(`services/${service}`);
  await search.getByLabel('Action').selectOption('UpdateService');
  await search.getByLabel('User or access key ID').fill(KEY.id);
  await search.getByRole('button', { name: 'Search' }).click();
  await page.waitForURL(/[?&]action=UpdateService/);
  await console.ready();
  const rows = page.getByRole('row').filter({ hasText: `services/${service}` });
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('UpdateService');
  expect(await page.content()).not.toContain('a secret text');
  await expect(search.getByLabel('Target begins with')).toHaveValue(`services/${service}`);

  await search.getByLabel('User or access key ID').fill('nobody');
  await search.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('heading', { name: 'No entries match' })).toBeVisible();
  await console.ready();
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(page.getByRole('table')).toBeVisible();

  await console.open(audit(`?resource=services/${service}&to=2001-01-01`));
  await expect(page.getByRole('heading', { name: 'No entries match' })).toBeVisible();
});

test('C-86 keys and their policies leave entries, their secrets do not', async ({ console, page, baseURL, workspace }) => {
  const keys = new AccessKeysPage(page, console.javaScript);
  const service = await workspace.makeOwnService();
  const key = await keys.make(workspace.name('key'), 'Read only');
  expect((await new Api(baseURL!, 1, key).call('DELETE', `/services/${service}`)).status).toBe(403);

  await console.open(audit(`?resource=access-keys/${key.id}`));
  await expect(page.getByRole('row').filter({ hasText: key.id })).toContainText('CreateAccessKey');
  expect(await page.content()).not.toContain(key.secret);
  await console.open(audit(`?actor=${key.id}`));
  const refused = page.getByRole('row').filter({ hasText: key.id });
  await expect(refused).toHaveCount(1);
  await expect(refused).toContainText('AccessDenied');

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ actor: key.id, action: 'fc:DeleteService', outcome: 'AccessDenied' }]);
});
