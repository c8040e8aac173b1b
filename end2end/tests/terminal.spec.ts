import type { Page } from '@playwright/test';
import { expect, test } from './support/test.ts';
import type { Fn } from './support/workspace.ts';

// Runs for as long as the test looks at it.
const SLEEPS = `
import time


def handler(event, context):
    print("asleep")
    time.sleep(300)
`;

async function openInstances(page: Page, fn: Fn): Promise<void> {
  await page.goto(fn.path('instances'));
  await expect(page.getByRole('heading', { name: 'Instances', level: 1 })).toBeVisible();
}

test.describe('SC-19 instances and terminal', { tag: '@javascript' }, () => {
  test('i4 C-24 C-78 a shell on the instance that runs a task', async ({ console, page, workspace }) => {
    test.slow();
    const fn = await workspace.makeFunction(SLEEPS);
    await workspace.submit(fn, 'entered', '{}');
    await workspace.reaches(fn, 'entered', 'Running');
    await openInstances(page, fn);
    const row = page.getByRole('row').filter({ hasText: 'entered' });
    await expect(row).toContainText('Busy');
    await console.openActions(row);
    await row.getByRole('link', { name: 'Log on to Instance' }).click();
    const logOn = page.getByRole('button', { name: 'Log on', exact: true });
    await logOn.click();
    await expect(page.getByRole('status'), 'the notice has to be accepted').toHaveText('');
    await page.getByLabel('I understand the risk').check();
    await page.getByLabel('Output as text for screen readers').check();
    await logOn.click();
    const terminal = page.getByRole('region', { name: 'Terminal' });
    const screen = terminal.locator('.xterm-rows');
    await expect(page.getByRole('status')).toHaveText('Connected.');
    await expect(terminal.getByRole('textbox', { name: 'Terminal input', exact: true }), 'which listens').toBeFocused();
    await page.keyboard.type('echo o""k\n');
    await expect(screen).toContainText('ok');
    await expect(terminal.locator('.xterm-accessibility'), 'for those who listen').toContainText('ok');
    await page.keyboard.type('clear; ps -eo args | grep -c "^/[^ ]*python[0-9.]* -s" | sed s/^/processes:/\n');
    await expect(screen, 'the process that runs the task').toContainText('processes:1');
    await page.keyboard.type('clear; stty size\n');
    await expect(screen).toContainText(/\d+ \d+/);
    const before = await screen.innerText();
    await page.setViewportSize({ width: 700, height: 500 });
    await page.keyboard.type('clear; stty size\n');
    await expect.poll(async () => (await screen.innerText()).match(/\d+ \d+/)?.[0]).not.toBe(before.match(/\d+ \d+/)?.[0]);
    await expect(page.locator('#idle')).toHaveText(/^(10:00|9:5\d)$/);
    await page.keyboard.press('Control+Alt+q');
    const disconnect = page.getByRole('button', { name: 'Disconnect' });
    await expect(disconnect, 'the keyboard leads out').toBeFocused();
    await page.keyboard.press('Enter');
    await expect(disconnect).toBeDisabled();
    await expect(page.getByRole('link', { name: 'Log on again' })).toBeFocused();
    expect((await workspace.task(fn, 'entered')).status, 'the task goes on').toBe('Running');
    await workspace.stop(fn, 'entered');
  });

  test('i4 C-78 a shell ends with its instance, and a released instance refuses', async ({ console, guard, page, workspace }) => {
    const fn = await workspace.makeFunction(SLEEPS);
    await workspace.submit(fn, 'stopped', '{}');
    await workspace.reaches(fn, 'stopped', 'Running');
    await openInstances(page, fn);
    await console.openActions(page.getByRole('row').filter({ hasText: 'stopped' }));
    await page.getByRole('link', { name: 'Log on to Instance' }).click();
    await page.getByLabel('I understand the risk').check();
    await page.getByRole('button', { name: 'Log on', exact: true }).click();
    await expect(page.getByRole('status')).toHaveText('Connected.');
    await workspace.stop(fn, 'stopped');
    await expect(page.getByRole('status')).toHaveText('The instance has been released.');
    guard.expectRefusal(404, '/terminal');
    await page.getByRole('link', { name: 'Log on again' }).click();
    await expect(page.getByRole('alert')).toHaveText('The instance has been released.');
  });
});
