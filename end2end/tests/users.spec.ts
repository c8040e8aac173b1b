import AxeBuilder from '@axe-core/playwright';
import { Console } from './pages/console.ts';
import { TasksPage } from './pages/tasks.ts';
import { UsersPage, enter } from './pages/users.ts';
import { ECHO, LINGERS } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

test('C-82 an administrator makes an operator, who signs in and stops a task', async ({ console, page, browser, baseURL, workspace }) => {
  const fn = await workspace.makeFunction(LINGERS);
  await workspace.submit(fn, 'to-stop', '1');
  await workspace.reaches(fn, 'to-stop', 'Running');
  const users = new UsersPage(page, console.javaScript);
  const name = workspace.name('op');
  const password = await users.make(name, 'Operator');
  if (console.javaScript) expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole('link', { name: 'Done' }).click();
  await expect(users.row(name)).toContainText('Operator');
  expect(await page.content()).not.toContain(password);
  if (console.javaScript) expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  const context = await enter(browser, baseURL!, console.javaScript, name, password);
  const tasks = new TasksPage(context.pages()[0]!, console.javaScript);
  await tasks.openOf(fn);
  await expect(tasks.mainNav.getByRole('link', { name: 'Users' })).toHaveCount(0);
  await tasks.act('Stop', 'to-stop');
  await tasks.says('The task is being stopped.');
  await tasks.reaches('to-stop', 'Stopped');
  // Configures nothing.
  await tasks.open(fn.path('delete'));
  await expect(tasks.page.getByRole('button', { name: 'Delete', exact: true })).toBeDisabled();

  // Out at once.
  await users.openList();
  await users.row(name).getByRole('link', { name, exact: true }).click();
  await users.shows(name);
  if (console.javaScript) expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole('button', { name: 'Disable', exact: true }).click();
  await users.says('The user was changed.');
  await tasks.page.goto(fn.path('tasks'));
  await expect(tasks.page).toHaveURL(/\/login\?next=/);
  await context.close();
});

test('C-82 a viewer sees what it may not do, and is refused it', async ({ console, page, browser, baseURL, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  await workspace.submit(fn, 'waits', '1', 3_000);
  const users = new UsersPage(page, console.javaScript);
  const name = workspace.name('viewer');
  const context = await enter(browser, baseURL!, console.javaScript, name, await users.make(name, 'Viewer'));
  const tasks = new TasksPage(context.pages()[0]!, console.javaScript);
  await tasks.openOf(fn);
  const stop = tasks.action('Stop', 'waits');
  await expect(stop).toHaveAttribute('aria-disabled', 'true');
  await expect(stop).toHaveAttribute('title', /Needs fc:StopStatefulAsyncInvocation/);
  await tasks.page.getByRole('link', { name: 'waits', exact: true }).click();
  await tasks.shows('waits');
  const changed = tasks.page.getByRole('link', { name: 'Re-execute with changes waits' });
  await expect(changed).toHaveAttribute('aria-disabled', 'true');
  await expect(changed).toHaveAttribute('title', /Needs fc:ReexecuteStatefulAsyncInvocation/);
  await expect(changed).not.toHaveAttribute('href');
  await tasks.open(`/${REGION}/create-service`);
  await expect(tasks.page.getByRole('button', { name: 'Create', exact: true })).toBeDisabled();
  await tasks.open(`/${REGION}/services/${fn.service}/configuration`);
  const configure = tasks.page.getByRole('main').getByRole('button', { name: 'OK' });
  await expect(configure).toBeDisabled();
  await expect(configure).toHaveAttribute('title', /Needs fc:UpdateService/);

  // Whoever sends the form all the same.
  const form = { region: REGION, service: fn.service, function: fn.name, id: 'waits', back: '/' };
  const answer = await context.request.post('/console/fn/app/pages/function/tasks/api/stop_task', { form, headers: { accept: 'text/html' } });
  expect(answer.status()).toBe(403);
  expect(await answer.text()).toContain('You do not have permission: this needs fc:StopStatefulAsyncInvocation');
  expect((await workspace.task(fn, 'waits')).status).toBe('Enqueued');
  const refused = await tasks.page.goto(`/${REGION}/users`);
  expect(refused?.status()).toBe(403);
  const alert = tasks.page.getByRole('alert');
  await expect(alert.getByText('You do not have permission')).toHaveCount(1);
  await expect(alert).toContainText('This needs fc:ListUsers, which the role viewer does not include. An administrator can change your role');
  await expect(alert.getByText('Try again')).toHaveCount(0);
  await alert.getByRole('link', { name: 'Task Execution Functions' }).click();
  await tasks.shows('Task Execution Functions');
  await workspace.stop(fn, 'waits');
  await context.close();
});

test('C-82 a user changes the password and ends other sessions', async ({ console, page, browser, baseURL, workspace }) => {
  const users = new UsersPage(page, console.javaScript);
  const name = workspace.name('own');
  const password = await users.make(name, 'Invoker');
  const [here, there] = [
    await enter(browser, baseURL!, console.javaScript, name, password),
    await enter(browser, baseURL!, console.javaScript, name, password),
  ];
  const own = new Console(here.pages()[0]!, console.javaScript);
  await own.page.getByRole('button', { name: `User ${name}` }).click();
  await own.page.getByRole('link', { name: 'Account' }).click();
  await own.shows(name);
  if (console.javaScript) expect((await new AxeBuilder({ page: own.page }).analyze()).violations).toEqual([]);
  await own.page.getByRole('button', { name: /^End session/ }).click();
  await own.says('The session was ended.');
  await there.pages()[0]!.goto(`/${REGION}/tasks`);
  await expect(there.pages()[0]!).toHaveURL(/\/login\?next=/);

  await own.page.getByLabel('Present password').fill(password);
  await own.page.getByLabel('New password', { exact: true }).fill('another password');
  await own.page.getByLabel('Repeat the new password').fill('another password');
  await own.page.getByRole('button', { name: 'Change Password', exact: true }).click();
  await own.says('The password was changed.');
  await own.open(`/${REGION}/tasks`);
  await own.shows('Task Execution Functions');
  await (await enter(browser, baseURL!, console.javaScript, name, 'another password')).close();
  await Promise.all([here.close(), there.close()]);
});
