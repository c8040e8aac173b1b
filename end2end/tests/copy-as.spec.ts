import { execFileSync } from 'node:child_process';
import { KEY } from '../lib/server.mjs';
import { TaskPage } from './pages/task.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';

const run = (code: string): string =>
  execFileSync('bash', ['--norc', '-euo', 'pipefail', '-c', code], {
    env: { PATH: process.env.PATH, ALIBABA_CLOUD_ACCESS_KEY_ID: KEY.id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: KEY.secret },
    encoding: 'utf8',
  });

test('B-12 a task is copied as programs that read it and submit its input again', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const event = `{"it's": "ä {region}"}`;
  await workspace.submit(fn, 'first', event);
  await workspace.reaches(fn, 'first', 'Succeeded');
  const task = new TaskPage(page, console.javaScript);
  await task.openOf(fn, 'first');
  await page.getByText('Copy as', { exact: true }).click();
  for (const client of ['curl', 'Command line', 'Python', 'Node.js', 'Go']) {
    const code = page.getByRole('region', { name: `Submit its input again – ${client}`, exact: true });
    await expect(code).toContainText(fn.name);
    await expect(code).not.toContainText(KEY.secret);
  }
  const curl = (what: string) => page.getByRole('region', { name: `${what} – curl`, exact: true }).innerText();
  expect(JSON.parse(run(await curl('Read this task')))).toMatchObject({ invocationId: 'first', status: 'Succeeded' });
  const id = /^x-fc-stateful-async-invocation-id: *(\S+)/im.exec(run(await curl('Submit its input again')))?.[1];
  await workspace.reaches(fn, id!, 'Succeeded');
  await task.openOf(fn, id!);
  expect(JSON.parse(await task.input.innerText())).toEqual(JSON.parse(event));

  await page.goto(fn.path('submit-task'));
  await task.ready();
  await page.getByText('Copy as', { exact: true }).click();
  await expect(page.getByRole('region', { name: 'Submit a task – curl', exact: true })).toContainText('X-Fc-Invocation-Type: Async');
});

test('C-29 B-12 the policy is copied as programs that set it, task mode included', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  await page.goto(fn.path('async'));
  await console.ready();
  await page.getByText('Copy as', { exact: true }).click();
  for (const client of ['curl', 'Python', 'Node.js', 'Go']) {
    await expect(page.getByRole('region', { name: `Set this policy – ${client}`, exact: true })).toContainText(fn.name);
  }
  const curl = await page.getByRole('region', { name: 'Set this policy – curl', exact: true }).innerText();
  expect(curl).toContain('"statefulInvocation": true');
  expect(JSON.parse(run(curl))).toMatchObject({ statefulInvocation: true, maxAsyncRetryAttempts: 3 });
});
