import { expectFieldError } from './pages/console.ts';
import { TaskPage } from './pages/task.ts';
import { TasksPage } from './pages/tasks.ts';
import { BRIEF, ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { countLoads } from './support/loads.ts';

const BAD_ID = 'Start with a letter or _; use letters, digits, _ and -; at most 128 characters.';

test('C-17 C-18 C-23 C-40 a task with a custom ID goes to Succeeded before the eyes, and its details tell all of it', async ({
  console,
  page,
  workspace,
}) => {
  const fn = await workspace.makeFunction(BRIEF);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(fn);
  await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible();
  const loads = countLoads(page);
  await tasks.submitAs('job-7');
  await tasks.reaches('job-7', 'Running');
  await tasks.reaches('job-7', 'Succeeded');
  if (console.javaScript) expect(loads(), 'all of it without a reload').toBe(0);

  await tasks.row('job-7').getByRole('link', { name: 'job-7', exact: true }).click();
  await task.shows('job-7');
  await expect(task.status).toHaveAttribute('data-status', 'Succeeded');
  await task.expectHistory(['Enqueued', 'Processed', 'Running', 'Succeeded']);
  await expect(task.input).toHaveText('{}');
  await expect(task.returnValue).toHaveText('done with {}');
  await expect(task.log).toContainText('half way through');
  await expect(task.fact('Duration')).toHaveText(/^\d+\.\d{3} s$/);
  await expect(task.fact('Retries')).toHaveText('0 of 3');
  await expect(task.fact('Qualifier')).toHaveText('LATEST');
  for (const time of ['Submitted', 'Start', 'End']) await expect(task.fact(time).getByRole('time')).toHaveAttribute('datetime', /^20\d\d-/);
  await expect(task.error()).toHaveCount(0);
  await expect(task.fact('Request ID')).toHaveText(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  await expect(task.fact('Instance ID')).not.toHaveText('–');

  // The address of the details stands by itself.
  await task.reload();
  await expect(task.returnValue).toHaveText('done with {}');
});

test('C-18 an ID is generated when none is chosen', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  const form = await tasks.openSubmit();
  await expect(form.method.getByRole('radio', { name: 'Generate automatically' })).toBeChecked();
  await expect(form.execution.getByRole('radio', { name: 'Immediately' })).toBeChecked();
  await form.ok.click();
  await tasks.says('The task was submitted.');
  const [made, ...others] = await workspace.tasks(fn);
  expect(others).toEqual([]);
  expect(made?.invocationId).toMatch(/^[0-9a-f-]{36}$/);
  await tasks.reaches(made!.invocationId, 'Succeeded');
});

test('C-18 C-32 an ID that is taken is refused with a link to its task, and nothing runs twice', async ({
  console,
  guard,
  page,
  workspace,
}) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  await workspace.submit(fn, 'taken', '{"first":true}');
  await workspace.reaches(fn, 'taken', 'Succeeded');
  await tasks.openOf(fn);
  const form = await tasks.openSubmit();
  await form.chooseId('taken');
  guard.expectRefusal(409);
  await form.ok.click();
  await expect(form.alert).toContainText('A task with this ID already exists. Nothing was submitted.');
  await expectFieldError(form.taskId, 'A task with this ID already exists. Nothing was submitted.');
  await expect(form.taskId, 'the form stays as it was').toHaveValue('taken');
  await expect(form.method.getByRole('radio', { name: 'Custom' })).toBeChecked();
  expect(await workspace.tasks(fn)).toHaveLength(1);
  await tasks.ready();
  await form.scope.getByRole('link', { name: 'Open the existing task taken' }).click();
  await expect(page).toHaveURL(fn.path('tasks/taken'));
  await console.shows('taken');
  await expect(new TaskPage(page, console.javaScript).input).toContainText('"first": true');
});

test('C-18 C-70 IDs that break the rules are refused', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  const form = await tasks.openSubmit();
  guard.expectRefusal(400);
  for (const id of ['1task', 'a'.repeat(129), 'two words', '']) {
    await form.chooseId(id);
    await form.ok.click();
    await expectFieldError(form.taskId, BAD_ID);
    await expect(form.alert).toContainText(BAD_ID);
    await expect(form.taskId).toHaveValue(id);
    await tasks.ready();
  }
  expect(await workspace.tasks(fn)).toEqual([]);
  await form.chooseId(`_${'a'.repeat(127)}`);
  await form.ok.click();
  await tasks.says('The task was submitted.');
  expect(await workspace.tasks(fn)).toHaveLength(1);
});

test('C-19 C-71 a delayed task waits as Enqueued with its planned start, and starts within 2 s of it', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(fn);
  await tasks.submitAs('later', 8);
  await expect(tasks.status('later')).toHaveAttribute('data-status', 'Enqueued');
  await expect(tasks.row('later')).toContainText(/starts in \d s/);
  await tasks.row('later').getByRole('link', { name: 'later', exact: true }).click();
  await task.shows('later');
  await expect(task.status).toHaveAttribute('data-status', 'Enqueued');
  const planned = await task.fact('Planned start').getByRole('time').getAttribute('datetime');
  const submitted = await task.fact('Submitted').getByRole('time').getAttribute('datetime');
  expect(Date.parse(planned!) - Date.parse(submitted!)).toBe(8_000);
  await task.reaches('Succeeded');
  const history = await task.history();
  const waited = history.find(({ status }) => status === 'Running')!.at - Date.parse(planned!);
  expect(waited).toBeGreaterThanOrEqual(0);
  expect(waited).toBeLessThanOrEqual(2_000);
});

test('C-19 C-71 delays outside of the limits are refused', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO, { maxAsyncEventAgeInSeconds: 1_800 });
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  const form = await tasks.openSubmit();
  guard.expectRefusal(400);
  const refuses = async (delay: string, words: string) => {
    await form.delay(delay);
    await form.ok.click();
    await expectFieldError(form.delaySeconds, words);
    await tasks.ready();
  };
  await refuses('0', 'Enter 1 to 3600 seconds.');
  await refuses('3601', 'Enter 1 to 3600 seconds.');
  await refuses('', 'Enter 1 to 3600 seconds.');
  await refuses('1800', 'The delay must be shorter than the message lifetime (1800 s).');
  expect(await workspace.tasks(fn)).toEqual([]);
});

test('SC-13 a double click on OK submits once', { tag: '@javascript' }, async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  const form = await tasks.openSubmit();
  await form.ok.dblclick();
  await tasks.says('The task was submitted.');
  const [only] = await workspace.tasks(fn);
  await tasks.reaches(only!.invocationId, 'Succeeded');
  expect(await workspace.tasks(fn)).toHaveLength(1);
});

test('C-20 C-21 saved parameters are what the next submission sends', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  await tasks.openOf(fn);
  const parameters = await tasks.openParameters();
  await expect(parameters.event).toHaveValue('{}');
  const event = '{"order": 7, "note": "grün 任务"}';
  await parameters.event.fill(event);
  if (console.javaScript) {
    await expect(parameters.scope, 'bytes, not characters').toContainText(`${Buffer.byteLength(event)} of 131,072 bytes`);
  }
  await parameters.ok.click();
  await tasks.says('The task parameters were saved. The next submission sends them.');
  await tasks.shows('Asynchronous Tasks');

  const form = await tasks.openSubmit();
  await expect(form.scope).toContainText(`event, ${Buffer.byteLength(event)} bytes`);
  await form.chooseId('with-event');
  await form.ok.click();
  await tasks.says('The task was submitted.');
  await tasks.reaches('with-event', 'Succeeded');
  await task.openOf(fn, 'with-event');
  await expect(task.returnValue).toContainText('"note": "grün 任务"');
  await expect(task.log).toContainText(`got ${event}`);
});

test('C-20 B-09 an event that is no JSON gets a warning and is sent as it is', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  const task = new TaskPage(page, console.javaScript);
  const warning = 'Line 2, column 7: expected value (warning only)';
  await tasks.openOf(fn);
  const parameters = await tasks.openParameters();
  await parameters.event.fill('{\n "a": oops');
  if (console.javaScript) await expect(parameters.scope.getByRole('status').filter({ hasText: warning })).toBeVisible();
  await parameters.ok.click();
  await tasks.says('The task parameters were saved. The next submission sends them.');
  const again = await tasks.openParameters();
  await expect(again.event).toHaveValue('{\n "a": oops');
  await expect(again.scope.getByRole('status').filter({ hasText: warning })).toBeVisible();
  await again.scope.getByRole('link', { name: 'Cancel' }).click();
  await tasks.shows('Asynchronous Tasks');
  await tasks.submitAs('no-json');
  await tasks.reaches('no-json', 'Succeeded');
  await task.openOf(fn, 'no-json');
  await expect(task.returnValue).toHaveText('{\n "a": oops');
});

test('SC-14 C-69 an event over the limit is refused and the saved one stays', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  const parameters = await tasks.openParameters();
  // Fewer characters than the limit, and more bytes.
  await parameters.event.fill('ü'.repeat(65_537));
  guard.expectRefusal(400);
  await parameters.ok.click();
  await expectFieldError(parameters.event, 'The input is 131074 bytes. The limit for asynchronous invocations is 131072 bytes.');
  await tasks.openOf(fn);
  const again = await tasks.openParameters();
  await expect(again.event).toHaveValue('{}');
});

test('SC-14 the menu beside Submit Task closes by Esc and gives the focus back', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  await tasks.moreOptions.click();
  const entry = page.getByRole('button', { name: 'Configure Task Parameters' });
  await expect(entry).toBeVisible();
  await entry.focus();
  await page.keyboard.press('Escape');
  await expect(entry).toBeHidden();
  await expect(tasks.moreOptions).toBeFocused();
});

test('B-09 SC-14 a template, a file and Format JSON fill the editor', { tag: '@javascript' }, async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  const parameters = await tasks.openParameters();
  await parameters.scope.getByLabel('Template').selectOption({ label: 'Timer' });
  await expect(parameters.event).toHaveValue(/"triggerName": "every-hour"/);
  await parameters.event.fill('{"a":[1,2]}');
  await parameters.scope.getByRole('button', { name: 'Format JSON' }).click();
  await expect(parameters.event).toHaveValue('{\n  "a": [\n    1,\n    2\n  ]\n}');

  const upload = async (name: string, buffer: Buffer) => {
    const chosen = page.waitForEvent('filechooser');
    await parameters.scope.getByRole('button', { name: 'Upload file' }).click();
    await (await chosen).setFiles({ name, mimeType: 'application/octet-stream', buffer });
  };
  await upload('event.json', Buffer.from('{"word":"grün"}'));
  await expect(parameters.event).toHaveValue('{"word":"grün"}');
  await expect(parameters.scope.getByText('16 of 131,072 bytes')).toBeVisible();
  await upload('picture.png', Buffer.from([0x89, 0x50, 0xff, 0xfe]));
  await expect(parameters.scope.getByRole('status').filter({ hasText: 'picture.png is not text.' })).toBeVisible();
  await upload('large.json', Buffer.alloc(131_073, 'a'));
  await expect(parameters.scope.getByRole('status').filter({ hasText: 'large.json has more than 131,072 bytes.' })).toBeVisible();
  await expect(parameters.event, 'the text stays').toHaveValue('{"word":"grün"}');
  await upload('event.json', Buffer.from('{}'));
  await expect(parameters.event).toHaveValue('{}');
  await expect(parameters.scope.getByText('large.json has more')).toHaveCount(0);
});

test('SC-12 SC-13 where task mode is off the pages say so and lead to the switch', async ({ console, page }) => {
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.open('/local-1/services/demo/functions/ev-plain/tasks');
  await expect(page.getByRole('heading', { name: 'Task mode is off' })).toBeVisible();
  const form = await tasks.openSubmit();
  await expect(form.scope).toContainText('Task mode is off for this function.');
  // Without scripts the form has a page of its own, whose tab has the same name.
  await form.scope.getByRole('link', { name: 'Asynchronous Configurations', exact: true }).last().click();
  await console.shows('Asynchronous Configurations');
});
