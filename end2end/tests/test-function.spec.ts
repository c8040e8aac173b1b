import { expectFieldError } from './pages/console.ts';
import { TestPage } from './pages/test-function.ts';
import { BYTES, ECHO, edition, FAILS_ON_REQUEST, SLEEPS } from './support/codes.ts';
import { countProcesses } from './support/processes.ts';
import { expect, test } from './support/test.ts';
import { countLoads } from './support/loads.ts';

test('C-76 SC-15 a test shows value, log and figures, and makes no task', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tester = new TestPage(page, console.javaScript);
  await tester.open(fn.path('code'));
  await tester.functionTabs.getByRole('link', { name: 'Test Function' }).click();
  await tester.shows('Test Function');
  await expect(tester.event).toHaveValue('{}');
  await expect(tester.qualifier).toHaveValue('LATEST');
  await expect(tester.result).toContainText('No result yet');
  const loads = countLoads(page);
  await tester.runWith('{"name": "任务"}');
  if (console.javaScript) expect(loads(), 'all of it without a reload').toBe(0);
  await expect(tester.result.getByText('Succeeded', { exact: true })).toBeVisible();
  await tester.says('The function succeeded in');
  await expect(tester.value).toHaveText('{\n  "name": "任务"\n}');
  await expect(tester.log).toContainText('got {"name": "任务"}');
  await expect(tester.fact('Request ID')).toHaveText(/^[0-9a-f]{8}-[0-9a-f]{4}-/);
  await expect(tester.fact('Instance ID')).toHaveText(/^c-/);
  await expect(tester.fact('Version or Alias')).toHaveText('LATEST');
  await expect(tester.fact('Duration')).toHaveText(/^\d+\.\d\d ms$/);
  await expect(tester.fact('Billed Duration')).toHaveText(/^\d+ ms$/);
  await expect(tester.fact('Memory Size')).toHaveText(/^\d+ MB$/);
  await expect(tester.fact('Maximum Memory Used')).toHaveText(/^\d+\.\d\d MB$/);
  await expect(tester.event, 'what was typed stays').toHaveValue('{"name": "任务"}');

  // Once more, with what is there.
  await tester.runWith('2');
  await expect(tester.value).toHaveText('2');
  expect(await workspace.tasks(fn), 'no task of it').toEqual([]);
});

test('C-30 SC-15 the saved task parameters are what a test begins with', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  await page.getByRole('link', { name: 'Configure Task Parameters' }).click();
  await tester.shows('Configure Task Parameters');
  await tester.event.fill('{"saved": true}');
  await page.getByRole('button', { name: 'OK' }).click();
  await tester.says('The task parameters were saved.');
  await tester.openOf(fn);
  await expect(tester.event).toHaveValue('{"saved": true}');
});

test('C-76 SC-15 an error shows kind, message and stack trace', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST);
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  await tester.runWith('fail <b>now</b>');
  await expect(tester.result.getByText('Failed', { exact: true })).toBeVisible();
  await expect(tester.error).toContainText('UnhandledInvocationError · ValueError');
  await expect(tester.error).toContainText('asked to fail by fail <b>now</b>');
  await expect(tester.stackTrace).toContainText('index.py');
  await tester.says('The function failed: asked to fail by fail <b>now</b>');
  await expect(tester.log).toContainText('Unhandled function error');
});

test('SC-15 a function that takes too long is ended at its limit, which is shown', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(SLEEPS);
  await workspace.changeFunction(fn, { timeout: 1 });
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  await expect(tester.event).toHaveAccessibleDescription(/It may take 1 s;/);
  await tester.runWith('30');
  await expect(tester.error).toContainText('timed out after 1 seconds');
});

test('SC-15 Cancel stops the code', { tag: '@javascript' }, async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(SLEEPS);
  const seconds = unique(fn.name);
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  await expect(tester.cancel).toHaveAttribute('aria-disabled', 'true');
  await tester.event.fill(seconds);
  await tester.run.click();
  await tester.says('The function is running.');
  await expect(tester.result.locator('[aria-busy=true]')).toContainText('Running');
  await expect(tester.result.getByText(/^[1-9]\d* s$/), 'the time counts').toBeVisible();
  await expect.poll(() => countProcesses(seconds)).toBeGreaterThan(0);
  await tester.cancel.click();
  await tester.says('The test was cancelled.');
  await expect(tester.result).toContainText('The call was ended and the code stopped.');
  await expect(tester.cancel, 'the focus is not lost').toBeFocused();
  await expect.poll(() => countProcesses(seconds), { timeout: 20_000 }).toBe(0);

  // The next one runs.
  await tester.runWith('0.01');
  await expect(tester.result.getByText('Succeeded', { exact: true })).toBeVisible();
});

test('SC-15 leaving the page stops the code', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(SLEEPS);
  const seconds = unique(fn.name);
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  await tester.event.fill(seconds);
  await tester.run.click({ noWaitAfter: true });
  await expect.poll(() => countProcesses(seconds)).toBeGreaterThan(0);
  if (console.javaScript) await tester.functionTabs.getByRole('link', { name: 'Configurations', exact: true }).click();
  else await page.goto(fn.path('configurations'));
  await tester.shows('Configurations');
  await expect.poll(() => countProcesses(seconds), { timeout: 20_000 }).toBe(0);
});

test('SC-15 what the page cannot show is a file', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(BYTES);
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  await tester.runWith('3');
  await expect(tester.result).toContainText('These bytes are no UTF-8 text');
  const download = page.waitForEvent('download');
  await tester.result.getByRole('link', { name: 'Download Return Value' }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks)).toEqual(Buffer.from([255, 255, 255]));

  await tester.runWith('2000000');
  await expect(tester.result).toContainText('Cut: the first 1 MB of 1.9 MB were kept.');
});

test('SC-15 an event that is too large is refused beside its field', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  guard.expectRefusal(400);
  await tester.event.fill('ü'.repeat(65_537));
  await tester.run.click();
  await expect(tester.alert).toContainText('The event is 131074 bytes.');
  await expectFieldError(tester.event, 'The console sends at most 131072 bytes');
  await expect(tester.alert).toBeFocused();
});

test('SC-15 C-80 a version or alias is tested, and one that is gone is refused', async ({ console, guard, page, workspace }) => {
  const service = await workspace.makeOwnService();
  const fn = await workspace.makeFunction(edition('first'), {}, 'f', service);
  await workspace.makeAlias(service, 'prod', await workspace.publish(service));
  await workspace.changeFunction(fn, { code: edition('second') });
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  await expect(tester.qualifier.getByRole('option')).toHaveText(['LATEST', 'prod (version 1)', '1']);
  for (const [qualifier, answer] of [
    ['LATEST', 'second'],
    ['prod', 'first'],
    ['1', 'first'],
  ] as const) {
    await tester.qualifier.selectOption(qualifier);
    await tester.runWith('{}');
    await expect(tester.value).toHaveText(answer);
    await expect(tester.fact('Version or Alias')).toHaveText(qualifier);
    await expect(tester.qualifier).toHaveValue(qualifier);
  }
  await tester.openOf(fn, '?qualifier=prod');
  await expect(tester.qualifier).toHaveValue('prod');
  await workspace.call('DELETE', `/services/${service}/aliases/prod`, 204);
  guard.expectRefusal(404);
  await tester.run.click();
  await expectFieldError(tester.qualifier, 'This version or alias does not exist any more.');
});

test('SC-15 by keyboard alone', { tag: '@javascript' }, async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const tester = new TestPage(page, console.javaScript);
  await tester.openOf(fn);
  await tester.qualifier.focus();
  // Template, Format JSON, Upload file, and the editor.
  for (let stop = 0; stop < 4; stop += 1) await page.keyboard.press('Tab');
  await expect(tester.event).toBeFocused();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('[1]');
  await page.keyboard.press('Tab');
  await expect(tester.run).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(tester.value).toHaveText('[\n  1\n]');
  await expect(tester.run, 'the focus stays').toBeFocused();
});

// Seconds that no other process sleeps.
const unique = (name: string): string => `300.${BigInt(`0x${/[0-9a-f]{8}/.exec(name)![0]}`)}`;
