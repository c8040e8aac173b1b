// A console and programs on the same tasks: what an SDK submits appears, what the console submits is found by every SDK (issue 5).
import { legacySdk, openSdk, pythonSdks } from '../lib/sdks.mjs';
import { TasksPage } from './pages/tasks.ts';
import { ECHO } from './support/codes.ts';
import { countLoads } from './support/loads.ts';
import { expect, test } from './support/test.ts';

// Promise 6: what is on the screen is at most this old.
const LIVE = { timeout: 2_000 };

test.describe('i5 SDKs and the console', { tag: '@javascript' }, () => {
  test('i5 what each SDK submits appears in an open list without a reload', async ({ console, page, baseURL, workspace }) => {
    const fn = await workspace.makeFunction(ECHO);
    const tasks = new TasksPage(page, console.javaScript);
    await tasks.openOf(fn);
    await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible();
    const loads = countLoads(page);
    await openSdk(baseURL!).submit(fn.service, fn.name, 'by-open', '{}');
    await expect(tasks.row('by-open')).toBeVisible(LIVE);
    await legacySdk(baseURL!).submit(fn.service, fn.name, 'by-legacy', '{}');
    await expect(tasks.row('by-legacy')).toBeVisible(LIVE);
    const ids = await pythonSdks(baseURL!).submit(fn.service, fn.name, 'by', '{}');
    expect(ids).toEqual(['by-alibabacloud_fc_open20210406', 'by-aliyun-fc2']);
    for (const id of ids) await expect(tasks.row(id)).toBeVisible(LIVE);
    for (const id of ['by-open', 'by-legacy', ...ids]) await tasks.reaches(id, 'Succeeded');
    expect(loads()).toBe(0);
  });

  test('i5 what the console submits is found by every SDK', async ({ console, page, baseURL, workspace }) => {
    const fn = await workspace.makeFunction(ECHO);
    const tasks = new TasksPage(page, console.javaScript);
    await tasks.openOf(fn);
    const parameters = await tasks.openParameters();
    await parameters.event.fill('{"from": "控制台"}');
    await parameters.ok.click();
    await tasks.submitAs('by-console');
    await tasks.reaches('by-console', 'Succeeded');
    const found = [{ invocationId: 'by-console', status: 'Succeeded', invocationPayload: '{"from": "控制台"}' }];
    const [open, legacy, python] = await Promise.all([
      openSdk(baseURL!).find(fn.service, fn.name, 'by-'),
      legacySdk(baseURL!).find(fn.service, fn.name, 'by-'),
      pythonSdks(baseURL!).find(fn.service, fn.name, 'by-'),
    ]);
    expect({ open, legacy, ...python }).toEqual({ open: found, legacy: found, 'alibabacloud_fc_open20210406': found, 'aliyun-fc2': found });
  });
});
