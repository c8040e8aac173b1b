import { execFileSync } from 'node:child_process';
import { KEY } from '../lib/server.mjs';
import { Console } from './pages/console.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

const CLIENTS = [
  'Command line',
  'curl',
  'Python – alibabacloud_fc_open20210406',
  'Python – aliyun-fc2',
  'Node.js – @alicloud/fc-open20210406',
  'Node.js – @alicloud/fc2',
  'Go – fc-go-sdk',
];

test('i5 the page Connect names the endpoint and has a setup for each client', async ({ console, page, baseURL }) => {
  const connect = new Console(page, console.javaScript);
  await connect.open(`/${REGION}/tasks`);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Connect', exact: true }).click();
  await connect.shows('Connect');
  await expect(connect.fact('Endpoint')).toContainText(baseURL!);
  await expect(connect.fact('Region')).toContainText(REGION);
  for (const client of CLIENTS) {
    const code = page.getByRole('region', { name: client, exact: true });
    await expect(code).toContainText(new URL(baseURL!).host);
    await expect(code).not.toContainText(KEY.secret);
  }
  await page.getByRole('main').getByRole('link', { name: 'Access Keys', exact: true }).first().click();
  await connect.shows('Access Keys');
});

test('i5 the setup for curl lists the services when it is run', async ({ page, workspace }) => {
  const service = await workspace.makeOwnService();
  await page.goto(`/${REGION}/connect`);
  const code = await page.getByRole('region', { name: 'curl', exact: true }).innerText();
  const ofService = code.replace('$path" -H', `$path?prefix=${service}" -H`);
  const answer = execFileSync('bash', ['--norc', '-euo', 'pipefail', '-c', ofService], {
    env: { PATH: process.env.PATH, ALIBABA_CLOUD_ACCESS_KEY_ID: KEY.id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: KEY.secret },
    encoding: 'utf8',
  });
  expect(JSON.parse(answer).services.map((found: { serviceName: string }) => found.serviceName)).toContain(service);
});

test('i5 each setup is copied by its button @javascript', async ({ console, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const connect = new Console(page, console.javaScript);
  await connect.open(`/${REGION}/connect`);
  await page.getByRole('button', { name: 'Copy curl setup', exact: true }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.trim()).toBe((await page.getByRole('region', { name: 'curl', exact: true }).innerText()).trim());
});
