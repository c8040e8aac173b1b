import { CodePage } from './pages/code.ts';
import { CreateFunctionPage } from './pages/create-function.ts';
import { expectFieldError } from './pages/console.ts';
import { FunctionList } from './pages/task-functions.ts';
import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { Fn, REGION, SERVICE } from './support/workspace.ts';
import { zip } from './support/zip.ts';

const CREATE = `/${REGION}/create-task-function`;

test('C-03 C-04 C-05 C-08 C-10 a function of a new service, made from the task list, has task mode on and is listed', async ({
  console,
  page,
  workspace,
}) => {
  const list = new FunctionList(page, console.javaScript);
  const create = new CreateFunctionPage(page, console.javaScript);
  const fn = new Fn(workspace.name('demo2'), workspace.name('hello'));
  await list.open(`/${REGION}/tasks`);
  await page.getByRole('link', { name: 'Create Function', exact: true }).click();
  await expect(page).toHaveURL(CREATE);
  await create.shows('Create Function');
  await create.nameService(fn.service);
  await create.name.fill(fn.name);
  await create.chooseRuntime('python');
  await expect(create.method).toHaveValue('sample');
  await expect(page.getByRole('main')).toContainText('Set by this page: every asynchronous invocation becomes a task.');
  await create.create.click();

  await list.shows('Task Execution Functions');
  await list.says('The function was created.');
  await expect(list.link(fn.name)).toBeVisible();
  await expect(await list.cell(fn.name, 'Service')).toHaveText(fn.service);
  expect(await workspace.asyncConfig(fn)).toMatchObject({ statefulInvocation: true });

  await list.link(fn.name).click();
  await list.shows('Asynchronous Tasks');
  await list.functionTabs.getByRole('link', { name: 'Asynchronous Configurations' }).click();
  await list.shows('Asynchronous Configurations');
  await expect(list.fact('Task Mode')).toHaveText('Enabled');
});

test('C-05 C-09 an uploaded ZIP archive is what runs', async ({ console, page, workspace }) => {
  const create = new CreateFunctionPage(page, console.javaScript);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  const fn = new Fn(SERVICE, workspace.name('zipped'));
  await create.open(CREATE);
  await create.service.selectOption(SERVICE);
  await create.name.fill(fn.name);
  await create.chooseRuntime('nodejs');
  await create.upload(
    'package.zip',
    zip({
      'lib/words.js': `module.exports = (event) => 'from the archive: ' + event;`,
      'main.js': `const words = require('./lib/words');\nexports.run = (event, context, callback) => callback(null, words(event.toString()));`,
    }),
  );
  await create.handler.fill('main.run');
  await create.create.click();
  await create.says('The function was created.');

  await page.goto(fn.path('code'));
  await console.ready();
  const code = new CodePage(page, console.javaScript);
  await expect(code.files.locator('summary').getByText('lib/', { exact: true })).toBeVisible();
  await code.shownText('main.js', `require('./lib/words')`);

  await tasks.openOf(fn);
  await tasks.submitAs('first');
  await tasks.reaches('first', 'Succeeded');
  await task.openOf(fn, 'first');
  await expect(task.returnValue).toHaveText('from the archive: {}');
});

test('SC-04 a bad archive is refused in words, and nothing is half made', async ({ console, guard, page, workspace }) => {
  const create = new CreateFunctionPage(page, console.javaScript);
  const list = new FunctionList(page, console.javaScript);
  const [service, name] = [workspace.name('demo2'), workspace.name('bad')];
  await create.open(CREATE);
  guard.expectRefusal(400);
  const refuses = async (file: Buffer, words: string) => {
    await create.nameService(service);
    await create.upload('package.zip', file);
    await create.create.click();
    await expect(create.alert).toContainText(words);
    await expectFieldError(create.file, words);
    await create.ready();
    await expect(create.name, 'what was typed is kept').toHaveValue(name);
  };
  await create.name.fill(name);
  await create.chooseRuntime('python');
  await refuses(Buffer.from('no archive at all'), 'The file is not a valid ZIP archive.');
  await refuses(zip({ '../evil.py': ECHO }), 'The archive holds a path that leaves its folder.');
  await refuses(zip({}), 'The archive is empty.');
  expect((await workspace.api.call('GET', `/services/${service}`)).status, 'no service without its function').toBe(404);

  // The same form with a good archive makes both.
  await create.nameService(service);
  await create.upload('package.zip', zip({ 'index.py': ECHO }));
  await create.create.click();
  await list.shows('Task Execution Functions');
  await expect(list.link(name)).toBeVisible();
});

test('SC-04 C-56 each wrong field says what it accepts', async ({ console, guard, page, workspace }) => {
  const create = new CreateFunctionPage(page, console.javaScript);
  await create.open(CREATE);
  for (const [field, value, least, most] of [
    [create.memory, '512', '64', '32768'],
    [create.timeout, '60', '1', '86400'],
    [create.concurrency, '1', '1', '200'],
  ] as const) {
    await expect(field).toHaveValue(value);
    await expect(field).toHaveAttribute('min', least);
    await expect(field).toHaveAttribute('max', most);
  }
  await expect(create.handler).toHaveValue('index.handler');
  guard.expectRefusal(400);
  await create.nameService('1-service');
  await create.name.fill('1st');
  await create.handler.fill('');
  await create.memory.fill('100');
  await create.timeout.fill('0');
  await create.concurrency.fill('201');
  await create.create.click();
  await expect(create.alert).toBeFocused();
  await expectFieldError(create.newService, 'Choose a service or enter a new name.');
  await expectFieldError(create.name, 'Use 1 to 128 letters, digits, _ or -. Do not start with a digit or -.');
  await expectFieldError(create.handler, 'Enter the handler, for example index.handler.');
  await expectFieldError(create.memory, 'Use a multiple of 64 between 64 and 32768.');
  await expectFieldError(create.timeout, 'Enter 1 to 86400 seconds.');
  await expectFieldError(create.concurrency, 'Enter 1 to 200.');
  await expect(create.memory, 'what was typed is kept').toHaveValue('100');

  // Each message leads to its field.
  await create.alert.getByRole('link', { name: 'Enter 1 to 86400 seconds.' }).click();
  await expect(create.timeout).toBeFocused();

  // A refused form can be put right and sent again.
  await create.ready();
  await create.newService.fill(workspace.name('demo2'));
  await create.name.fill(workspace.name('right'));
  await create.handler.fill('index.handler');
  await create.memory.fill('128');
  await create.timeout.fill('60');
  await create.concurrency.fill('10');
  await create.create.click();
  await create.says('The function was created.');
});

test('SC-04 a name that is taken is refused with what was typed kept', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const create = new CreateFunctionPage(page, console.javaScript);
  await create.open(CREATE);
  await create.service.selectOption(SERVICE);
  await create.name.fill(fn.name);
  guard.expectRefusal(409);
  await create.create.click();
  await expectFieldError(create.name, `A function with this name exists in ${SERVICE}.`);
  await expect(create.name).toHaveValue(fn.name);
  await expect(create.service).toHaveValue(SERVICE);
});

test('C-05 a function made from its service leads to its own page, task mode as chosen', async ({ console, page, workspace }) => {
  const create = new CreateFunctionPage(page, console.javaScript);
  const fn = new Fn(SERVICE, workspace.name('of-service'));
  await create.open(`/${REGION}/services/${SERVICE}/functions`);
  await page.getByRole('link', { name: 'Create Function', exact: true }).click();
  await create.shows('Create Function');
  await create.name.fill(fn.name);
  await expect(page.getByRole('radio', { name: 'Disable' })).toBeChecked();
  await create.create.click();
  await create.says('The function was created.');
  await expect(page).toHaveURL(new RegExp(`^[^?]*${fn.path('code')}`));
  await create.shows('Code');
  await create.functionTabs.getByRole('link', { name: 'Asynchronous Configurations' }).click();
  await expect(create.fact('Task Mode')).toHaveText('Disabled');
});
