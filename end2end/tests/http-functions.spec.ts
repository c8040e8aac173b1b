import { CreateFunctionPage } from './pages/create-function.ts';
import { expectFieldError } from './pages/console.ts';
import { RequestForm } from './pages/http-request.ts';
import { FunctionList } from './pages/task-functions.ts';
import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { TestPage } from './pages/test-function.ts';
import { TriggersPage } from './pages/triggers.ts';
import { ECHO, WSGI } from './support/codes.ts';
import { about } from './support/language.ts';
import { expect, test } from './support/test.ts';
import { Fn, REGION, SERVICE, type Workspace } from './support/workspace.ts';
import { zip } from './support/zip.ts';

const CREATE = `/${REGION}/create-task-function`;
const REFUSED = 'HTTP functions cannot be re-executed.';

async function makeHttpFunction(workspace: Workspace): Promise<Fn> {
  const fn = await workspace.makeFunction(WSGI);
  const triggerConfig = { authType: 'anonymous', methods: ['GET', 'PUT'] };
  const body = { triggerName: 'web', triggerType: 'http', triggerConfig };
  await workspace.call('POST', `/services/${fn.service}/functions/${fn.name}/triggers`, 200, { body });
  return fn;
}

test('C-05 C-06 C-54 an HTTP function is made with its trigger and is called', async ({ console, page, baseURL, workspace }) => {
  const create = new CreateFunctionPage(page, console.javaScript);
  const list = new FunctionList(page, console.javaScript);
  const fn = new Fn(SERVICE, workspace.name('web'));
  await create.open(CREATE);
  await create.service.selectOption(SERVICE);
  await create.name.fill(fn.name);
  await create.chooseRuntime('python');
  await page.getByRole('group', { name: 'Handler Type' }).getByRole('radio', { name: 'HTTP Handler' }).check();
  if (console.javaScript) await expect(page.getByRole('region', { name: 'Sample code index.py of an HTTP function' }).first()).toBeVisible();
  await page.getByLabel('Authentication Method').selectOption({ label: 'None (anonymous)' });
  await create.create.click();
  await list.shows('Task Execution Functions');
  await list.says('The function was created.');
  // There may be more functions than a page shows.
  await list.search(fn.name);
  await expect(await list.cell(fn.name, 'Handler Type')).toHaveText('HTTP');
  const answer = await fetch(`${baseURL}/2016-08-15/proxy/${fn.service}/${fn.name}/`);
  expect([answer.status, await answer.text()]).toEqual([200, 'hello world\n']);
  const triggers = new TriggersPage(page, console.javaScript);
  await triggers.openOf(fn);
  await expect(await triggers.cell('http-trigger', 'Rule')).toContainText('GET POST, anonymous');
});

test('C-06 an event function is made with a time trigger', async ({ console, page, workspace }) => {
  const create = new CreateFunctionPage(page, console.javaScript);
  const fn = new Fn(SERVICE, workspace.name('timed'));
  await create.open(`/${REGION}/services/${SERVICE}/create-function`);
  await create.name.fill(fn.name);
  await create.chooseRuntime('python');
  await page.getByRole('checkbox', { name: 'Configure a trigger' }).check();
  await page.getByLabel('Interval (minutes)').fill('9');
  await create.create.click();
  await create.says('The function was created.');
  const triggers = new TriggersPage(page, console.javaScript);
  await triggers.openOf(fn);
  await expect(await triggers.cell('timer-trigger', 'Rule')).toHaveText('every 9 min');
  await expect(await triggers.cell('timer-trigger', about('Enabled', 'trigger'))).toHaveText(about('Enabled', 'item'));
});

test('SC-14 C-22 C-27 a request reaches an HTTP function as it was configured, and its task is not executed again', async ({
  console,
  guard,
  page,
  baseURL,
  workspace,
}) => {
  const fn = await makeHttpFunction(workspace);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(fn);
  const request = new RequestForm((await tasks.openParameters()).scope);
  await expect(request.method.getByRole('option')).toHaveText(['GET', 'PUT']);
  await expect(request.path).toHaveValue('/');
  guard.expectRefusal(400);
  await request.path.fill('orders');
  await request.headers.fill('X-Fc-Request-Id: 1');
  await request.ok.click();
  await expectFieldError(request.path, 'The path must start with /.');
  await expectFieldError(request.headers, 'This header is set by the platform: X-Fc-Request-Id.');
  await tasks.ready();
  await request.method.selectOption('PUT');
  await request.path.fill('/orders/%C3%BC');
  await request.query.fill('q=1 &\nq=ü');
  await request.headers.fill('X-Twice: 1\nX-Twice: 2');
  await request.contentType.fill('text/plain');
  await request.body.fill('one\ntwö');
  await request.ok.click();
  await tasks.says('The task parameters were saved. The next submission sends them.');

  await tasks.openOf(fn);
  await tasks.submitAs('asked');
  await tasks.reaches('asked', 'Succeeded');
  await expect(tasks.action('Re-execute', 'asked')).toHaveAttribute('title', REFUSED);
  await task.openOf(fn, 'asked');
  const told = JSON.parse(await task.returnValue.locator('code').first().innerText());
  expect(told).toMatchObject({ method: 'PUT', query: 'q=1%20%26&q=%C3%BC', type: 'text/plain', body: 'one\ntwö' });
  expect(told.uri).toBe(`/2016-08-15/proxy/${fn.service}/${fn.name}/orders/%C3%BC?q=1%20%26&q=%C3%BC`);
  expect(told.headers).toMatchObject({ x_twice: '1,2', host: new URL(baseURL!).host });
  const again = page.getByRole('button', { name: 'Re-execute asked', exact: true });
  await expect(again).toHaveAttribute('aria-disabled', 'true');
  await expect(again).toHaveAttribute('title', REFUSED);
  const changed = page.getByRole('link', { name: 'Re-execute with changes asked' });
  await expect(changed).toHaveAttribute('aria-disabled', 'true');
  await expect(changed).toHaveAttribute('title', REFUSED);

  // A request made by hand fails the same way.
  const action = (await page.locator('form#reexecute-task').getAttribute('action'))!;
  const fields = { region: REGION, service: fn.service, function: fn.name, id: 'asked' };
  const answer = await page.request.post(action, { form: fields, headers: { accept: 'application/json', origin: baseURL! } });
  expect([answer.status(), await answer.text()]).toEqual([400, expect.stringContaining(REFUSED)]);
  expect((await workspace.tasks(fn)).length).toBe(1);
});

test('SC-15 C-22 an HTTP function is tested by a request, whose answer is shown', async ({ console, page, workspace }) => {
  const fn = await makeHttpFunction(workspace);
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  const request = new RequestForm(page.getByRole('main'));
  await request.path.fill('/a');
  await request.query.fill('q=1');
  await tester.run.click();
  await tester.result.getByText('Request Information').waitFor();
  await tester.ready();
  await expect(tester.fact('Status')).toHaveText('201');
  await expect(tester.result.getByRole('region', { name: 'Response Headers' })).toContainText('X-Told: yes');
  await expect(tester.value).toContainText('"uri"');
  await expect(tester.log).toContainText('asked by GET');
  await expect(request.path).toHaveValue('/a');
  expect(await workspace.tasks(fn)).toEqual([]);
});

test('SC-21 C-58 lifecycle hooks are set and shown', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  await console.open(fn.path('configurations'));
  await expect(console.fact('PreStop')).toHaveText('none');
  await page.getByRole('button', { name: 'Modify Lifecycle' }).click();
  const form = await console.form('Modify Lifecycle');
  guard.expectRefusal(400);
  await form.getByLabel('PreStop', { exact: true }).fill('index.stop');
  await form.getByLabel('PreStop Timeout (s)').fill('91');
  await form.getByRole('button', { name: 'OK' }).click();
  await expectFieldError(form.getByLabel('PreStop Timeout (s)'), 'Enter 1 to 90 seconds.');
  await console.ready();
  await form.getByLabel('PreStop Timeout (s)').fill('5');
  await form.getByRole('button', { name: 'OK' }).click();
  await console.says('The configuration was saved.');
  await expect(console.fact('PreStop')).toHaveText('index.stop, 5 s');
  const stored = await workspace.call('GET', `/services/${fn.service}/functions/${fn.name}`, 200);
  expect(stored).toMatchObject({ instanceLifecycleConfig: { preStop: { handler: 'index.stop', timeout: 5 } } });
});

test('SC-21 C-55 command and port of a custom runtime are set and shown', async ({ console, guard, page, workspace }) => {
  const fn = new Fn(SERVICE, workspace.name('custom'));
  const code = { zipFile: zip({ bootstrap: '#!/bin/sh\n' }).toString('base64') };
  const body = { functionName: fn.name, runtime: 'custom', handler: 'index.handler', code };
  await workspace.call('POST', `/services/${SERVICE}/functions`, 200, { body });
  await console.open(fn.path('configurations'));
  await expect(console.fact('Startup Command')).toHaveText('bootstrap');
  await page.getByRole('button', { name: 'Modify Instance' }).click();
  const form = await console.form('Modify Instance');
  guard.expectRefusal(400);
  await form.getByLabel('Startup Command').fill('sh -c "exec ./run now"');
  await form.getByLabel('Listening Port').fill('70000');
  await form.getByRole('button', { name: 'OK' }).click();
  await expectFieldError(form.getByLabel('Listening Port'), 'Enter a port from 1 to 65535.');
  await console.ready();
  await form.getByLabel('Listening Port').fill('8080');
  await form.getByRole('button', { name: 'OK' }).click();
  await console.says('The configuration was saved.');
  await expect(console.fact('Listening Port')).toHaveText('8080');
  const stored = await workspace.call('GET', `/services/${SERVICE}/functions/${fn.name}`, 200);
  expect(stored).toMatchObject({ caPort: 8080, customRuntimeConfig: { command: ['sh'], args: ['-c', 'exec ./run now'] } });
});
