import { expectFieldError } from './pages/console.ts';
import { PolicyPage } from './pages/policy.ts';
import { FunctionList } from './pages/task-functions.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

const PANEL = 'Modify the Policy for Asynchronous Mode';

test('C-11 C-12 C-13 C-14 C-15 C-65 task mode is switched on from the services, and the function is listed', async ({
  console,
  page,
  workspace,
}) => {
  const onFailure = { destination: `acs:fc:${REGION}:1000000000000001:services/demo.LATEST/functions/ev-hello` };
  const fn = await workspace.makeFunction(ECHO, { statefulInvocation: false, destinationConfig: { onFailure } });
  const list = new FunctionList(page, console.javaScript);
  const policy = new PolicyPage(page, console.javaScript);
  await list.open('/');
  await list.openNav();
  await list.mainNav.getByRole('link', { name: 'Services & Functions' }).click();
  await list.shows('Services');
  await list.search(fn.service);
  await list.link(fn.service).click();
  await list.shows('Functions');
  await list.search(fn.name);
  await expect(await list.cell(fn.name, 'Task Mode')).toHaveText('Disabled');
  await list.link(fn.name).click();
  await list.shows('Code');
  await list.functionTabs.getByRole('link', { name: 'Asynchronous Configurations' }).click();
  await policy.shows('Asynchronous Configurations');
  await expect(page.getByRole('heading', { name: 'Asynchronous Policy' })).toBeVisible();
  await expect(policy.fact('Task Mode')).toHaveText('Disabled');
  await expect(policy.fact('Maximum Retries')).toHaveText('3');
  await expect(policy.fact('Maximum Message Lifetime')).toHaveText('86,400 s (1 d)');
  await expect(policy.fact('Last Modified').getByRole('time')).toHaveAttribute('datetime', /^20\d\d-/);
  await expect(page.getByRole('main').getByLabel('Version or Alias').locator('option:checked')).toHaveText('LATEST');

  const panel = await policy.openPanel();
  await expect(panel.mode('Disable')).toBeChecked();
  await expect(panel.retries).toHaveValue('3');
  await panel.mode('Enable').check();
  await panel.ok.click();
  await policy.says('The asynchronous policy was saved.');
  await policy.shows('Asynchronous Configurations');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(policy.fact('Task Mode')).toHaveText('Enabled');
  const saved = await workspace.asyncConfig(fn);
  expect(saved).toMatchObject({ statefulInvocation: true, destinationConfig: { onFailure } });

  await policy.openNav();
  await policy.mainNav.getByRole('link', { name: 'Tasks', exact: true }).click();
  await list.shows('Task Execution Functions');
  await list.find(fn);
  await list.shows('Asynchronous Tasks');
});

test('C-14 C-66 retries of 9 and -1 are refused, 0 is accepted', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const policy = new PolicyPage(page, console.javaScript);
  await policy.open(fn.path('async'));
  const panel = await policy.openPanel();
  await expect(panel.taskMode.getByRole('radio')).toHaveCount(2);
  await expect(panel.mode('Enable')).toBeChecked();
  await expect(panel.retries).toHaveValue('3');
  await expect(panel.lifetime).toHaveValue('86400');
  guard.expectRefusal(400);
  for (const wrong of ['9', '-1', '1.5', '']) {
    await panel.retries.fill(wrong);
    await panel.ok.click();
    await expect(panel.alert).toContainText('Enter a whole number from 0 to 8.');
    await expectFieldError(panel.retries, 'Enter a whole number from 0 to 8.');
    await expect(panel.retries).toHaveValue(wrong);
    await policy.ready();
  }
  await panel.retries.fill('0');
  await panel.lifetime.fill('2592001');
  await panel.ok.click();
  await expectFieldError(panel.lifetime, 'Enter 1 to 2592000 seconds (30 days).');
  expect(await workspace.asyncConfig(fn), 'nothing of it was saved').toMatchObject({ maxAsyncRetryAttempts: null });
  await policy.ready();
  await panel.lifetime.fill('3600');
  await panel.ok.click();
  await policy.says('The asynchronous policy was saved.');
  await expect(policy.fact('Maximum Retries')).toHaveText('0');
  await expect(policy.fact('Maximum Message Lifetime')).toHaveText('3,600 s (1 h)');
  expect(await workspace.asyncConfig(fn)).toMatchObject({
    statefulInvocation: true,
    maxAsyncRetryAttempts: 0,
    maxAsyncEventAgeInSeconds: 3_600,
  });
});

test('C-14 Cancel discards', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const policy = new PolicyPage(page, console.javaScript);
  await policy.open(fn.path('async'));
  const panel = await policy.openPanel();
  await panel.mode('Disable').check();
  await panel.scope.getByRole('link', { name: 'Cancel' }).click();
  await policy.shows('Asynchronous Configurations');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(policy.fact('Task Mode')).toHaveText('Enabled');
  expect(await workspace.asyncConfig(fn)).toMatchObject({ statefulInvocation: true });
});

test('SC-11 Esc cancels and gives the focus back', { tag: '@javascript' }, async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const policy = new PolicyPage(page, console.javaScript);
  await policy.open(fn.path('async'));
  const panel = await policy.openPanel();
  await expect(page.locator('dialog[open] :focus'), 'the focus is in the panel').toHaveCount(1);
  await panel.mode('Disable').check();
  await expect(panel.scope).toContainText('Accepted tasks keep running and stay listed.');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(policy.modify).toBeFocused();

  // Opened again, it shows what is in force and not what was given up.
  const again = await policy.openPanel();
  await expect(again.mode('Enable')).toBeChecked();
});

test('SC-11 the panel has an address of its own', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  await console.open(fn.path('modify-async-policy'));
  await console.shows(PANEL);
  await page.getByLabel('Maximum Retries').fill('2');
  await page.getByRole('button', { name: 'OK' }).click();
  await console.shows('Asynchronous Configurations');
  await expect(console.fact('Maximum Retries')).toHaveText('2');
});

test('C-12 C-65 a function without a configuration says so', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  await workspace.call('DELETE', `/services/${fn.service}/functions/${fn.name}/async-invoke-config`, 204);
  await console.open(fn.path('async'));
  await expect(page.getByText('Default policy in use')).toBeVisible();
  await expect(console.fact('Task Mode')).toHaveText('Disabled');
});
