import { execFileSync } from 'node:child_process';
import { KEY } from '../lib/server.mjs';
import { expectFieldError } from './pages/console.ts';
import { TriggersPage } from './pages/triggers.ts';
import { ECHO, WSGI } from './support/codes.ts';
import { about } from './support/language.ts';
import { expect, test } from './support/test.ts';
import type { Fn } from './support/workspace.ts';

interface Trigger {
  // JSON.
  triggerConfig: string;
}

const at = (fn: Fn, name: string): string => `/services/${fn.service}/functions/${fn.name}/triggers/${name}`;

test('SC-09 SC-10 C-07 C-62 C-64 a time trigger is made, switched, run, changed and deleted', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const triggers = new TriggersPage(page, console.javaScript);
  await triggers.open(fn.path('code'));
  await triggers.functionTabs.getByRole('link', { name: 'Triggers' }).click();
  await triggers.shows('Triggers');
  await expect(page.getByRole('heading', { name: 'No triggers' })).toBeVisible();
  let form = await triggers.openCreate();
  await expect(form.name).toHaveValue('timer-trigger');
  await expect(form.runs).toHaveCount(5);
  await expect(form.runs.first()).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+00:00$/);
  await form.mode.selectOption({ label: 'Custom Settings' });
  await form.cron.fill('CRON_TZ=Asia/Shanghai 0 0 4 * * *');
  if (console.javaScript) {
    await expect(form.runs.first()).toHaveText(/ 04:00:00 \+08:00$/);
    await expect(form.runs).toHaveCount(5);
    await expect(form.interval).toBeHidden();
  }
  await form.message.fill('hello');
  await form.ok.click();
  await triggers.says('The trigger was saved.');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(await triggers.cell('timer-trigger', 'Rule')).toHaveText('every day at 04:00 (Asia/Shanghai)');
  await expect(await triggers.cell('timer-trigger', 'Version or Alias')).toHaveText('LATEST');
  await expect(await triggers.cell('timer-trigger', 'Next')).toContainText('20:00:00');
  await expect(await triggers.cell('timer-trigger', 'Last fired')).toHaveText('–');

  await triggers.press('Disable', 'timer-trigger');
  await expect(await triggers.cell('timer-trigger', about('Enabled', 'trigger'))).toHaveText(about('Disabled', 'item'));
  await expect(await triggers.cell('timer-trigger', 'Next')).toHaveText('–');
  const off = await workspace.call<Trigger>('GET', at(fn, 'timer-trigger'), 200);
  expect(JSON.parse(off.triggerConfig)).toEqual({ cronExpression: 'CRON_TZ=Asia/Shanghai 0 0 4 * * *', payload: 'hello', enable: false });

  await triggers.press('Run now', 'timer-trigger');
  await triggers.says('The trigger was run.');
  await expect.poll(async () => (await workspace.tasks(fn)).length).toBe(1);
  const [fired] = await workspace.tasks(fn);
  await triggers.open(fn.path(`tasks/${fired!.invocationId}`));
  await triggers.fact('Trigger').getByRole('link', { name: 'timer-trigger' }).click();
  await triggers.shows('Triggers');
  await triggers.press('Enable', 'timer-trigger');
  await expect(await triggers.cell('timer-trigger', about('Enabled', 'trigger'))).toHaveText(about('Enabled', 'item'));

  form = await triggers.openModify('timer-trigger');
  await expect(form.cron).toHaveValue('CRON_TZ=Asia/Shanghai 0 0 4 * * *');
  await expect(form.runs.first()).toHaveText(/ 04:00:00 \+08:00$/);
  await expect(form.message).toHaveValue('hello');
  await form.mode.selectOption({ label: 'Interval' });
  await form.interval.fill('7');
  await form.ok.click();
  await triggers.says('The trigger was saved.');
  await expect(await triggers.cell('timer-trigger', 'Rule')).toHaveText('every 7 min');

  await triggers.openActions(triggers.row('timer-trigger'));
  await page.getByRole('link', { name: 'Delete timer-trigger', exact: true }).click();
  await triggers.shows('Delete trigger timer-trigger');
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await triggers.says('The trigger was deleted.');
  await expect(page.getByRole('heading', { name: 'No triggers' })).toBeVisible();
  await workspace.call('GET', at(fn, 'timer-trigger'), 404);
});

test('SC-10 C-61 C-62 the form names what is wrong and keeps what was typed', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const triggers = new TriggersPage(page, console.javaScript);
  await triggers.openOf(fn);
  const form = await triggers.openCreate();
  guard.expectRefusal(400);
  await form.name.fill('1st');
  await form.mode.selectOption({ label: 'Custom Settings' });
  await form.cron.fill('0 0 25 * * *');
  await form.message.fill('x'.repeat(4_097));
  await form.ok.click();
  await expectFieldError(form.name, 'Use 1 to 128 letters, digits, _ or -. Do not start with a digit or -.');
  await expectFieldError(form.cron, 'Hours is out of range.');
  await expect(form.scope.getByRole('region', { name: 'Next runs' }), 'which is said once').toHaveText(/^The next runs are shown once /);
  await expectFieldError(form.message, 'The message exceeds 4 KB.');
  await expect(form.cron).toHaveValue('0 0 25 * * *');
  await triggers.ready();
  await form.name.fill('nightly');
  await form.message.fill('');
  await form.mode.selectOption({ label: 'Select Custom Time' });
  await form.scope.getByLabel('Time', { exact: true }).fill('23:30');
  await form.scope.getByLabel('Days', { exact: true }).selectOption({ label: 'Days of the week' });
  await form.scope.getByRole('checkbox', { name: 'Sat' }).check();
  await form.scope.getByRole('checkbox', { name: 'Enable Trigger' }).uncheck();
  await form.ok.click();
  await triggers.says('The trigger was saved.');
  await expect(await triggers.cell('nightly', 'Rule')).toHaveText('every SAT at 23:30 (UTC)');
  await expect(await triggers.cell('nightly', 'Enabled')).toHaveText('Disabled');

  // The same name again; only time triggers are offered beside one.
  guard.expectRefusal(409);
  const again = await triggers.openCreate();
  await expect(again.kind.getByRole('option')).toHaveText(['Time Trigger']);
  await again.name.fill('nightly');
  await again.ok.click();
  await expectFieldError(again.name, 'A trigger with this name exists.');
});

test('SC-09 C-63 an HTTP trigger shows its URL, a warning and commands that call it', async ({ console, page, baseURL, workspace }) => {
  const fn = await workspace.makeFunction(WSGI);
  const triggers = new TriggersPage(page, console.javaScript);
  const run = (program: string): string =>
    execFileSync('bash', ['--norc', '-euo', 'pipefail', '-c', program], {
      env: { PATH: process.env.PATH, ALIBABA_CLOUD_ACCESS_KEY_ID: KEY.id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: KEY.secret },
      encoding: 'utf8',
    });
  await triggers.openOf(fn);
  const form = await triggers.openCreate();
  await form.kind.selectOption({ label: 'HTTP Trigger' });
  if (console.javaScript) await expect(form.name).toHaveValue('http-trigger');
  await form.ok.click();
  await triggers.says('The trigger was saved.');
  await expect(await triggers.cell('http-trigger', 'Rule')).toContainText('GET POST, signed');
  await expect(await triggers.cell('http-trigger', 'Rule')).toContainText(`${baseURL}/2016-08-15/proxy/${fn.service}/${fn.name}/`);
  if (console.javaScript) await expect(page.getByRole('button', { name: 'Copy URL of http-trigger', exact: true })).toBeVisible();
  expect(JSON.parse(run(await triggers.curl('http-trigger').innerText()))).toMatchObject({ method: 'GET' });

  const changed = await triggers.openModify('http-trigger');
  await changed.auth.selectOption({ label: 'None (anonymous)' });
  if (console.javaScript) await expect(changed.scope.getByText('Anyone who has the URL can run the function.')).toBeVisible();
  await changed.ok.click();
  await triggers.says('The trigger was saved.');
  await expect(page.getByText('Anyone who has the URL can run the function.')).toBeVisible();
  const curl = await triggers.curl('http-trigger').innerText();
  expect(curl).toContain('curl -sS ');
  expect(JSON.parse(run(curl))).toMatchObject({ method: 'GET', uri: `/2016-08-15/proxy/${fn.service}/${fn.name}/` });
});
