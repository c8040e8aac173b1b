// Services and their functions: lists, making one, what keeps one from being deleted.
import { Console, expectFieldError } from './pages/console.ts';
import { FunctionList } from './pages/task-functions.ts';
import { enter, UsersPage } from './pages/users.ts';
import { ECHO, WSGI } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

test('SC-05 SC-06 C-51 a service is made, listed, kept while it has functions, and deleted', async ({ console, guard, page, workspace }) => {
  const list = new FunctionList(page, console.javaScript);
  const service = workspace.name('shop');
  await list.open('/');
  await list.mainNav.getByRole('link', { name: 'Services & Functions', exact: true }).click();
  await list.shows('Services');
  await page.getByRole('link', { name: 'Create Service', exact: true }).click();
  await list.shows('Create Service');
  const [name, description] = [page.getByLabel('Service Name'), page.getByRole('main').getByLabel('Description')];
  const create = page.getByRole('button', { name: 'Create', exact: true });
  const refuses = async (text: string, words: string) => {
    await name.fill(text);
    await create.click();
    await expectFieldError(name, words);
    await expect(name, 'what was typed is kept').toHaveValue(text);
    await list.ready();
  };
  guard.expectRefusal(400);
  for (const wrong of ['1st', 'two words', '', 'x'.repeat(129)]) {
    await refuses(wrong, 'Use 1 to 128 letters, digits, _ or -. Start with a letter or _.');
  }
  guard.expectRefusal(409);
  await description.fill('what it sells');
  await refuses('demo', 'A service with this name exists.');
  await expect(description).toHaveValue('what it sells');
  await name.fill(service);
  await create.click();
  await list.says('The service was created.');
  await list.shows('Functions');
  await expect(page).toHaveURL(new RegExp(`^[^?]*/${REGION}/services/${service}/functions`));
  await expect(page.getByRole('heading', { name: `No functions in ${service}` })).toBeVisible();

  const fn = await workspace.makeFunction(ECHO, {}, 'f', service);
  await list.open(`/${REGION}/services`);
  await expect(list.mainNav.getByRole('link', { name: 'Services & Functions' })).toHaveAttribute('aria-current', 'page');
  await list.search(service);
  await expect(await list.cell(service, 'Description')).toHaveText('what it sells');
  await expect((await list.cell(service, 'Created At')).getByRole('time')).toHaveAttribute('datetime', /^20\d\d-/);
  await expect(list.row(service).getByRole('link', { name: `Functions ${service}` })).toHaveAttribute('href', `/${REGION}/services/${service}/functions`);

  await list.row(service).getByRole('link', { name: `Delete ${service}` }).click();
  await list.shows(`Delete service ${service}`);
  await expect(page.getByText("A service that still has functions can't be deleted.")).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: fn.name, exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete', exact: true })).toHaveCount(0);

  await workspace.call('DELETE', `/services/${service}/functions/${fn.name}`, 204);
  await list.reload();
  await page.getByLabel('Service Name').fill('another');
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expectFieldError(page.getByLabel('Service Name'), `Type ${service} to confirm.`);
  await list.ready();
  await page.getByLabel('Service Name').fill(service);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await list.says('The service was deleted.');
  expect((await workspace.api.call('GET', `/services/${service}`)).status).toBe(404);
});

test('SC-07 C-52 the functions of a service stand with what they are, and lead on', async ({ console, page, workspace }) => {
  const list = new FunctionList(page, console.javaScript);
  const service = await workspace.makeOwnService();
  const tasks = await workspace.makeFunction(ECHO, {}, 'a', service);
  const web = await workspace.makeFunction(WSGI, { statefulInvocation: false }, 'b', service);
  const triggerConfig = { authType: 'anonymous', methods: ['GET'] };
  const body = { triggerName: 'web', triggerType: 'http', triggerConfig };
  await workspace.call('POST', `/services/${service}/functions/${web.name}/triggers`, 200, { body });
  await list.open(`/${REGION}/services`);
  await list.search(service);
  await list.link(service).click();
  await list.shows('Functions');
  await expect(page.getByRole('columnheader')).toHaveText([
    'Function Name',
    'Runtime',
    'Handler Type',
    'Memory',
    'Timeout',
    'Task Mode',
    'Last Modified',
    'Actions',
  ]);
  await expect(list.row(tasks.name).getByRole('cell')).toContainText([tasks.name, 'python3', 'Event', ' MB', '600 s', 'Enabled']);
  await expect(list.row(web.name).getByRole('cell')).toContainText([web.name, 'python3', 'HTTP', ' MB', '600 s', 'Disabled']);
  await expect((await list.cell(web.name, 'Last Modified')).getByRole('time')).toHaveAttribute('datetime', /^20\d\d-/);
  await expect(page.getByRole('main').getByRole('link', { name: 'Create Function', exact: true })).toHaveAttribute(
    'href',
    `/${REGION}/services/${service}/create-function`,
  );
  await expect(page.getByRole('navigation', { name: 'Service', exact: true }).getByRole('link')).toHaveText(['Functions', 'Versions', 'Aliases']);
  await expect(list.row(web.name).getByRole('link', { name: `View Tasks ${web.name}` })).toHaveAttribute('href', web.path('tasks'));
  await list.search(tasks.name);
  await expect(list.row(web.name)).toHaveCount(0);
  await list.link(tasks.name).click();
  await list.shows('Code');
  await expect(page).toHaveURL(tasks.path('code'));
});

test('C-57 SC-21 values of environment variables are folded away until asked for, and no viewer gets them', async ({
  console,
  guard,
  page,
  browser,
  baseURL,
  workspace,
}) => {
  const fn = await workspace.makeFunction(ECHO);
  await console.open(fn.path('configurations'));
  await page.getByRole('button', { name: 'Modify', exact: true }).click();
  const form = await console.form('Modify Configurations');
  const variables = form.getByLabel('Environment Variables');
  const ok = form.getByRole('button', { name: 'OK' });
  guard.expectRefusal(400);
  for (const [text, words] of [
    ['A=1\nA=2', 'Line 2: the key A is used twice.'],
    ['no value', 'Line 1: write KEY=VALUE.'],
    ['{"A": 1}', 'not a JSON object of texts.'],
    ['1A=x', 'letter'],
    [`A=${'x'.repeat(4_097)}`, '4096'],
  ] as const) {
    await variables.fill(text);
    await ok.click();
    await expectFieldError(variables, words);
    await console.ready();
  }
  await variables.fill('PASSWORD=hidden-until-asked\nWORD=x=y');
  await ok.click();
  await console.says('The configuration was saved.');
  const stored = await workspace.call('GET', `/services/${fn.service}/functions/${fn.name}`, 200);
  expect(stored).toMatchObject({ environmentVariables: { PASSWORD: 'hidden-until-asked', WORD: 'x=y' } });
  const value = page.getByText('hidden-until-asked', { exact: true });
  await expect(value).toBeHidden();
  await page.getByLabel('Show value of PASSWORD').click();
  await expect(value).toBeVisible();

  const users = new UsersPage(page, console.javaScript);
  const name = workspace.name('viewer');
  const context = await enter(browser, baseURL!, console.javaScript, name, await users.make(name, 'Viewer'));
  const viewer = new Console(context.pages()[0]!, console.javaScript);
  await viewer.open(fn.path('configurations'));
  await viewer.page.getByLabel('Show value of PASSWORD').click();
  await expect(viewer.page.getByText('(hidden)', { exact: true }).first()).toBeVisible();
  expect(await viewer.page.content()).not.toContain('hidden-until-asked');
  await expect(viewer.page.getByRole('button', { name: 'Modify', exact: true })).toBeDisabled();
  await context.close();
});
