import { Api } from '../lib/api.mjs';
import { AccessKeysPage } from './pages/access-keys.ts';
import { expectFieldError } from './pages/console.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

test('i5 an access key is made and its secret is shown once', async ({ console, page, baseURL, workspace }) => {
  const keys = new AccessKeysPage(page, console.javaScript);
  const name = workspace.name('key');
  const key = await keys.make(name, 'Full');
  await expect(page.getByText('The secret is shown this once.')).toBeVisible();
  await expect(keys.name).toBeHidden();
  if (console.javaScript) await expect(page.getByRole('button', { name: 'Copy access key secret' })).toBeVisible();
  expect((await new Api(baseURL!, 1, key).call('GET', '/services')).status).toBe(200);

  await page.getByRole('link', { name: 'Done' }).click();
  await keys.shows('Access Keys');
  await expect(keys.row(name)).toContainText(key.id);
  await expect(keys.row(name)).toContainText('Enabled');
  expect(await page.content()).not.toContain(key.secret);
});

test('i5 C-82 a key does what its policy says, in its services', async ({ console, page, baseURL, workspace }) => {
  const keys = new AccessKeysPage(page, console.javaScript);
  const service = await workspace.makeOwnService();
  const name = workspace.name('key');
  const api = new Api(baseURL!, 1, await keys.make(name, 'Read only', `${service}\nother`));
  expect((await api.call('GET', `/services/${service}`)).status).toBe(200);
  const refusals = await Promise.all([api.call('DELETE', `/services/${service}`), api.call('GET', '/services/demo')]);
  for (const [refusal, action] of [
    [refusals[0], 'fc:DeleteService'],
    [refusals[1], 'fc:GetService'],
  ] as const) {
    expect(refusal.status).toBe(403);
    expect(JSON.parse(refusal.body.toString())).toMatchObject({ Code: 'AccessDenied', Message: expect.stringContaining(action) });
  }
  await keys.openList();
  await expect(keys.row(name)).toContainText('Read only');
  await expect(keys.row(name)).toContainText(`other, ${service}`);
});

test('i5 a key is disabled, enabled and deleted', async ({ console, page, baseURL, workspace }) => {
  const keys = new AccessKeysPage(page, console.javaScript);
  const name = workspace.name('key');
  const key = await keys.make(name, 'Full');
  const api = new Api(baseURL!, 1, key);
  const code = async (): Promise<unknown> => JSON.parse((await api.call('GET', '/services')).body.toString()).Code;

  await keys.openList();
  await page.getByRole('button', { name: `Disable ${name}`, exact: true }).click();
  await keys.says('The access key was disabled.');
  await expect(keys.row(name)).toContainText('Disabled');
  expect(await code()).toBe('InvalidAccessKeyID');

  await page.getByRole('button', { name: `Enable ${name}`, exact: true }).click();
  await keys.says('The access key was enabled.');
  await expect(keys.row(name)).toContainText('Enabled');
  expect(await code()).toBeUndefined();

  await page.getByRole('link', { name: `Delete ${name}`, exact: true }).click();
  await keys.shows(`Delete access key ${key.id}`);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await keys.says('The access key was deleted.');
  await expect(keys.row(name)).toHaveCount(0);
  expect(await code()).toBe('InvalidAccessKeyID');
});

test('i5 the form says what is wrong and keeps what was typed', async ({ console, guard, page, workspace }) => {
  const keys = new AccessKeysPage(page, console.javaScript);
  await keys.openForm();
  guard.expectRefusal(400);
  await keys.policy.selectOption('invoke-only');
  await keys.services.fill('a/b');
  await keys.create.click();
  await expectFieldError(keys.name, 'Enter 1 to 64 characters.');
  await expectFieldError(keys.services, 'a/b is no name of a service: use 1 to 128 letters, digits, _ or -, and start with a letter or _.');
  await expect(keys.policy).toHaveValue('invoke-only');
  await keys.ready();
  await keys.name.fill(workspace.name('key'));
  await keys.services.fill('demo');
  await keys.create.click();
  await expect(keys.secret).toBeVisible();
});

test('i5 the navigation leads to the keys', async ({ console, page }) => {
  await console.open(`/${REGION}/tasks`);
  const entry = console.mainNav.getByRole('link', { name: 'Access Keys' });
  await entry.click();
  await console.shows('Access Keys');
  await expect(entry).toHaveAttribute('aria-current', 'page');
  await expect(console.mainNav.getByRole('link', { name: 'Services & Functions' })).not.toHaveAttribute('aria-current');
  await expect(page).toHaveURL(`/${REGION}/access-keys`);
});
