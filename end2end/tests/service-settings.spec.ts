import { expectFieldError } from './pages/console.ts';
import { FunctionList } from './pages/task-functions.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

const LIST = `/${REGION}/services`;

test('C-51 C-81 SC-05 SC-06 a service is made with its settings and tags, and found by a tag', async ({ console, guard, page, workspace }) => {
  const list = new FunctionList(page, console.javaScript);
  const main = page.getByRole('main');
  const [name, tags] = [workspace.name('set'), main.getByLabel('Tags')];
  await list.open(LIST);
  await page.getByRole('link', { name: 'Create Service', exact: true }).click();
  await list.shows('Create Service');
  await expect(main.getByLabel('Logging')).toBeChecked();
  await expect(main.getByLabel('Internet Access')).toBeChecked();

  // What is wrong is said beside its field.
  guard.expectRefusal(400);
  await main.getByLabel('Service Name').fill(name);
  const create = main.getByRole('button', { name: 'Create', exact: true });
  await tags.fill('aliyun-team=1');
  await create.click();
  await expectFieldError(tags, 'A tag key cannot start with aliyun or acs:.');
  await console.ready();
  await tags.fill(Array.from({ length: 21 }, (_, n) => `k${n}=v`).join('\n'));
  await create.click();
  await expectFieldError(tags, 'Use at most 20 tags.');
  await console.ready();
  await tags.fill(`team=${name}\nonly=`);
  await main.getByLabel('Internet Access').uncheck();
  await create.click();
  await console.says('The service was created.');
  await console.shows('Functions');
  expect(await workspace.call('GET', `/services/${name}`, 200)).toMatchObject({ internetAccess: false });
  expect(await tagsOf(name)).toEqual({ team: name, only: '' });

  const fn = await workspace.makeFunction(ECHO, {}, 'f', name);
  await list.open(LIST);
  await list.search(name);
  await expect(await list.cell(name, 'Functions')).toHaveText('1');
  await expect((await list.cell(name, 'Tags')).getByRole('link')).toHaveText(['only', `team=${name}`]);
  await list.row(name).getByRole('link', { name: `team=${name}` }).click();
  await page.waitForURL(/[?&]tag=team/);
  await console.ready();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(list.link(name)).toBeVisible();
  const select = main.getByRole('combobox');
  await expect(select).toHaveValue(`team=${name}`);
  await select.selectOption('only');
  if (!console.javaScript) await main.getByRole('button', { name: 'Go' }).click();
  await page.waitForURL(/[?&]tag=only$/);
  await expect(list.link(name)).toBeVisible();
  await list.open(`${LIST}?search=${name}&tag=team%3Dnobody`);
  await expect(page.getByRole('heading', { name: 'Nothing matches these filters' })).toBeVisible();

  // Deleting it is refused with what is in the way.
  await list.open(`${LIST}?search=${name}`);
  await list.row(name).getByRole('link', { name: `Delete ${name}` }).click();
  await list.shows(`Delete service ${name}`);
  await expect(main.getByRole('link', { name: fn.name, exact: true })).toBeVisible();

  async function tagsOf(service: string): Promise<object> {
    return (await workspace.call<{ tags: object }>('GET', '/tag', 200, { query: { resourceArn: `services/${service}` } })).tags;
  }
});

test('C-51 C-59 C-60 SC-07 SC-21 a service is configured, and its functions say what holds', async ({ console, guard, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(ECHO, {}, 'f', service);
  const list = new FunctionList(page, console.javaScript);
  const main = page.getByRole('main');
  await list.open(`${LIST}?search=${service}`);
  await list.row(service).getByRole('link', { name: `Configure ${service}` }).click();
  await console.shows('Configuration');
  const entry = page.getByRole('navigation', { name: 'Service', exact: true }).getByRole('link', { name: 'Configuration' });
  await expect(entry).toHaveAttribute('aria-current', 'page');
  const [description, tags, ok] = [main.getByLabel('Description'), main.getByLabel('Tags'), main.getByRole('button', { name: 'OK' })];

  // Who comes second is told, and keeps what was typed: settings and tags alike.
  const changes = [
    () => workspace.call('PUT', `/services/${service}`, 200, { body: { description: 'theirs' } }),
    () => workspace.call('POST', '/tag', 200, { body: { resourceArn: `services/${service}`, tags: { theirs: '1' } } }),
  ];
  guard.expectRefusal(412);
  for (const change of changes) {
    await list.open(`${LIST}/${service}/configuration`);
    await expect(ok).toBeVisible();
    await change();
    await description.fill('mine');
    await ok.click();
    await expect(console.alert).toContainText('Somebody changed this service meanwhile.');
    await expect(description).toHaveValue('mine');
    await expectFieldError(description, 'Now: theirs');
  }
  await list.open(`${LIST}/${service}/configuration`);
  await expect(description).toHaveValue('theirs');
  await expect(tags).toHaveValue(/^theirs=1\s*$/);
  const version = main.locator('[name="etag"]');
  const read = await version.inputValue();
  await description.fill('ours');
  await tags.fill('team=billing');
  await main.getByLabel('Logging').uncheck();
  await main.getByLabel('Internet Access').uncheck();
  await ok.click();
  await console.says('The service was saved.');
  await expect(description).toHaveValue('ours');
  await expect(main.getByLabel('Logging')).not.toBeChecked();
  const stored = await workspace.call('GET', `/services/${service}`, 200);
  expect(stored).toMatchObject({ description: 'ours', internetAccess: false, logConfig: { enabled: false } });
  // At once again, with what was read since.
  await expect(version).not.toHaveValue(read);
  await main.getByLabel('Internet Access').check();
  await ok.click();
  await expect.poll(() => workspace.call('GET', `/services/${service}`, 200)).toMatchObject({ internetAccess: true });

  // Nothing is kept of what its functions write now.
  await workspace.submit(fn, 'quiet', '1');
  await workspace.reaches(fn, 'quiet', 'Succeeded');
  const log = await workspace.call('GET', `/services/${service}/functions/${fn.name}/stateful-async-invocations/quiet/logs`, 200);
  expect(log).toMatchObject({ logs: [] });

  await console.open(fn.path('configurations'));
  await expect(console.fact('Internet Access')).toHaveText('On');
  await expect(console.fact('Logging')).toHaveText(/^Off/);
  for (const name of ['Role', 'VPC', 'NAS Mounts', 'OSS Mounts']) await expect(console.fact(name)).toHaveText('not available on this install');
  await expect(main.getByRole('link', { name: 'team=billing' })).toBeVisible();
  await main.getByRole('link', { name: `Configure ${service}` }).first().click();
  await console.shows('Configuration');
});
