import { CodePage } from './pages/code.ts';
import { expectFieldError } from './pages/console.ts';
import { PolicyPage } from './pages/policy.ts';
import { TestPage } from './pages/test-function.ts';
import { VersionsPage } from './pages/versions.ts';
import { ECHO, edition } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

test('SC-22 C-80 a version is published, seen, and deleted, and its number is not given again', async ({ console, guard, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(ECHO, {}, 'f', service);
  const versions = new VersionsPage(page, console.javaScript);
  await versions.open(`/${REGION}/services/${service}/functions`);
  await versions.serviceTabs.getByRole('link', { name: 'Versions' }).click();
  await versions.shows('Versions');
  await expect(page.getByRole('heading', { name: 'No versions yet' })).toBeVisible();
  let form = await versions.openPublish();
  await form.getByLabel('Description').fill('the first one');
  await form.getByRole('button', { name: 'OK' }).click();
  await versions.says('The version was published.');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(await versions.cell('1', 'Description')).toHaveText('the first one');
  await expect(await versions.cell('1', 'Aliases')).toHaveText('–');

  // Nothing has changed since.
  form = await versions.openPublish();
  guard.expectRefusal(400);
  await form.getByRole('button', { name: 'OK' }).click();
  await expect(versions.alert).toContainText('Nothing has changed since version 1.');
  await form.getByLabel('Description').fill('x'.repeat(257));
  await form.getByRole('button', { name: 'OK' }).click();
  await expectFieldError(form.getByLabel('Description'), 'Enter at most 256 characters.');

  await versions.openOf(service, 'versions');
  await page.getByRole('link', { name: 'View 1', exact: true }).click();
  await versions.shows('Functions');
  await expect(page.getByText('Only LATEST can be changed.')).toBeVisible();
  await expect(versions.link(fn.name)).toBeVisible();

  await versions.openOf(service, 'versions');
  await page.getByRole('link', { name: 'Delete 1', exact: true }).click();
  await versions.shows('Delete version 1');
  await page.getByRole('button', { name: 'Delete' }).click();
  await versions.says('The version was deleted.');
  await expect(page.getByRole('heading', { name: 'No versions yet' })).toBeVisible();
  await workspace.changeFunction(fn, { description: 'changed' });
  expect(await workspace.publish(service)).toBe('2');
});

test('SC-22 C-80 an alias is made, weighted, changed and deleted', async ({ console, guard, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(ECHO, {}, 'f', service);
  const versions = new VersionsPage(page, console.javaScript);
  await versions.openOf(service, 'aliases');
  await expect(page.getByText('this service has no versions yet')).toBeVisible();
  await workspace.publish(service, 'one');
  await workspace.changeFunction(fn, { description: 'two' });
  await workspace.publish(service);
  await versions.reload();

  // Every field says what is wrong with it.
  let form = await versions.openCreateAlias();
  guard.expectRefusal(400);
  await form.name.fill('1st');
  await expect(form.version.getByRole('option')).toHaveText(['2', '1 – one']);
  await form.version.selectOption('2');
  await form.canary.selectOption('2');
  await form.weight.fill('101');
  await form.ok.click();
  await expectFieldError(form.name, 'Use letters, digits, _ or -. Do not start with a digit or -.');
  await expectFieldError(form.canary, 'Choose a different version.');
  await expectFieldError(form.weight, 'Enter 0 to 100.');
  await versions.ready();
  await form.name.fill('prod');
  await form.canary.selectOption('1');
  await form.weight.fill('12.5');
  await form.description.fill('what customers use');
  await form.ok.click();
  await versions.says('The alias was created.');
  await expect(await versions.cell('prod', 'Main Version')).toHaveText('2');
  await expect(await versions.cell('prod', 'Canary Version')).toHaveText('1');
  await expect(await versions.cell('prod', 'Weight')).toHaveText('12.5 %');
  await expect(await versions.cell('prod', 'Description')).toHaveText('what customers use');
  const stored = await workspace.call<object>('GET', `/services/${service}/aliases/prod`, 200);
  expect(stored).toMatchObject({ versionId: '2', additionalVersionWeight: { 1: 0.125 } });

  // The same name again.
  guard.expectRefusal(409);
  form = await versions.openCreateAlias();
  await form.name.fill('prod');
  await form.ok.click();
  await expectFieldError(form.name, 'An alias with this name exists.');

  await versions.openOf(service, 'aliases');
  form = await versions.openModify('prod');
  await expect(form.weight).toHaveValue('12.5');
  await form.version.selectOption('1');
  await form.canary.selectOption('');
  await form.ok.click();
  await versions.says('The alias was saved.');
  await expect(await versions.cell('prod', 'Main Version')).toHaveText('1');
  await expect(await versions.cell('prod', 'Canary Version')).toHaveText('–');
  await expect(await versions.cell('prod', 'Weight')).toHaveText('–');

  // A version that an alias leads to stays.
  await versions.openOf(service, 'versions');
  await expect(await versions.cell('1', 'Aliases')).toHaveText('prod');
  await page.getByRole('link', { name: 'Delete 1', exact: true }).click();
  await versions.shows('Delete version 1');
  await expect(page.getByText('Aliases lead to this version')).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'prod', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete' })).toHaveCount(0);

  await versions.openOf(service, 'aliases');
  await page.getByRole('link', { name: 'Delete prod', exact: true }).click();
  await versions.shows('Delete alias prod');
  await page.getByRole('button', { name: 'Delete' }).click();
  await versions.says('The alias was deleted.');
  await expect(page.getByRole('heading', { name: 'No aliases yet' })).toBeVisible();
});

test('SC-22 C-85 two people who change one alias do not undo each other, and see both values', async ({ console, guard, page, workspace }) => {
  const service = await workspace.makeOwnService();
  await workspace.makeFunction(ECHO, {}, 'f', service);
  await workspace.makeAlias(service, 'prod', await workspace.publish(service));
  const versions = new VersionsPage(page, console.javaScript);
  await versions.openOf(service, 'aliases');
  const form = await versions.openModify('prod');
  // The form is there only when the alias has been read.
  await expect(form.ok).toBeVisible();
  await workspace.call('PUT', `/services/${service}/aliases/prod`, 200, { body: { description: 'theirs' } });
  guard.expectRefusal(412);
  await form.description.fill('mine');
  await form.ok.click();
  await expect(versions.alert).toContainText('Somebody changed this alias meanwhile.');
  await expect(form.description).toHaveValue('mine');
  await expectFieldError(form.description, 'Now: theirs');
  await expect(versions.alert.getByRole('link')).toHaveText(['Now: theirs']);
  const alias = () => workspace.call('GET', `/services/${service}/aliases/prod`, 200);
  expect(await alias()).toMatchObject({ description: 'theirs' });
  // Told of it, one may insist.
  await form.ok.click();
  await versions.says('The alias was saved.');
  expect(await alias()).toMatchObject({ description: 'mine' });
});

test('SC-22 C-84 what a trigger calls is not deleted, and the trigger is named', async ({ console, guard, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(ECHO, {}, 'f', service);
  await workspace.makeAlias(service, 'prod', await workspace.publish(service));
  const triggerConfig = JSON.stringify({ cronExpression: '@every 24h', enable: false });
  await workspace.call('POST', `/services/${service}/functions/${fn.name}/triggers`, 200, {
    body: { triggerName: 'daily', triggerType: 'timer', qualifier: 'prod', triggerConfig },
  });
  await console.open(`/${REGION}/services/${service}/aliases/prod/delete`);
  guard.expectRefusal(409);
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(console.alert).toContainText(`'prod' of service '${service}' is called by triggers: ${fn.name}/daily`);
  await expect(console.alert).toContainText(/QualifierInUse · request [0-9a-f-]{36}/);
});

test('SC-22 moving an alias changes what later calls run', async ({ console, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(edition('first'), {}, 'f', service);
  await workspace.makeAlias(service, 'prod', await workspace.publish(service));
  await workspace.changeFunction(fn, { code: edition('second') });
  await workspace.publish(service);
  const versions = new VersionsPage(page, console.javaScript);
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn, '?qualifier=prod');
  await tester.runWith('{}');
  await expect(tester.value).toHaveText('first');
  await versions.openOf(service, 'aliases');
  const form = await versions.openModify('prod');
  await form.version.selectOption('2');
  await form.ok.click();
  await versions.says('The alias was saved.');
  await tester.openOf(fn, '?qualifier=prod');
  await tester.runWith('{}');
  await expect(tester.value).toHaveText('second');
});

test('SC-08 SC-21 C-53 a version is looked at and not changed', async ({ console, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(edition('first'), {}, 'f', service);
  await workspace.publish(service);
  await workspace.changeFunction(fn, { code: edition('second'), timeout: 7 });
  await console.open(fn.path('code'));
  await new CodePage(page, console.javaScript).shownText('index.py', 'second');
  await page.getByRole('main').getByLabel('Version or Alias').selectOption({ label: '1' });
  if (!console.javaScript) await page.getByRole('main').getByRole('button', { name: 'Go' }).click();
  await page.waitForURL(/[?&]qualifier=1$/);
  await expect(page.getByRole('region', { name: 'Text of index.py' })).toContainText('first');
  await expect(page.getByText('Versions cannot be edited. Switch to LATEST.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Upload', exact: true })).toHaveCount(0);
  await expect(page.getByText(`services/${service}.1/functions/${fn.name}`)).toBeVisible();

  // Other tabs stay with the version.
  await console.functionTabs.getByRole('link', { name: 'Configurations', exact: true }).click();
  await console.shows('Configurations');
  await expect(console.fact('Execution Timeout')).toHaveText('600 s (10 min)');
  await expect(page.getByRole('button', { name: 'Modify', exact: true })).toHaveCount(0);
  await page.getByRole('main').getByLabel('Version or Alias').selectOption({ label: 'LATEST' });
  if (!console.javaScript) await page.getByRole('main').getByRole('button', { name: 'Go' }).click();
  await expect(console.fact('Execution Timeout')).toHaveText('7 s');
  await expect(page.getByRole('button', { name: 'Modify', exact: true })).toBeVisible();
});

test('C-12 SC-11 a version or alias has an asynchronous policy of its own', async ({ console, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(ECHO, { maxAsyncRetryAttempts: 1 }, 'f', service);
  await workspace.makeAlias(service, 'prod', await workspace.publish(service));
  const policy = new PolicyPage(page, console.javaScript);
  await policy.open(fn.path('async?qualifier=prod'));
  await expect(page.getByText('Default policy in use')).toBeVisible();
  const panel = await policy.openPanel();
  await panel.mode('Enable').check();
  await panel.retries.fill('5');
  await panel.ok.click();
  await policy.says('The asynchronous policy was saved.');
  await expect(policy.fact('Maximum Retries')).toHaveText('5');
  expect(page.url()).toContain('qualifier=prod');
  expect(await workspace.asyncConfig(fn, 'prod')).toMatchObject({ statefulInvocation: true, maxAsyncRetryAttempts: 5 });
  expect(await workspace.asyncConfig(fn), 'that of LATEST is as it was').toMatchObject({ maxAsyncRetryAttempts: 1 });
});

test('SC-11 a qualifier that is gone is a page that is not found, with the way to LATEST', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const path = fn.path('async?qualifier=gone');
  guard.expectRefusal(404, path);
  await page.goto(path);
  await console.ready();
  await expect(page.getByText("Alias 'gone' of service")).toBeVisible();
  await page.getByRole('link', { name: 'Switch to LATEST' }).click();
  await expect(console.fact('Maximum Retries')).toHaveText('3');
});

test('SC-22 by keyboard alone', { tag: '@javascript' }, async ({ console, page, workspace }) => {
  const service = await workspace.makeOwnService();
  await workspace.makeFunction(ECHO, {}, 'f', service);
  await workspace.publish(service);
  const versions = new VersionsPage(page, console.javaScript);
  await versions.openOf(service, 'aliases');
  await versions.createAlias.focus();
  await page.keyboard.press('Enter');
  const form = await versions.form('Create Alias');
  await expect(form.getByLabel('Alias Name')).toBeVisible();
  await expect(page.locator('dialog[open] :focus'), 'the focus is in the dialog').toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(form).toBeHidden();
  await expect(versions.createAlias).toBeFocused();
  await page.keyboard.press('Enter');
  await form.getByLabel('Alias Name').focus();
  await page.keyboard.type('prod');
  await page.keyboard.press('Enter');
  await versions.says('The alias was created.');
  await expect(versions.row('prod')).toBeVisible();
});
