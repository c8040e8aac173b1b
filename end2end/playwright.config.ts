// All tests run with scripts, and without them unless they are about scripts, which they say with `@javascript`. The console's main flows, which
// have the ids C-01 to C-28, run in Chinese too, and on a phone.
import { defineConfig } from '@playwright/test';
import { LAUNCH } from './tests/support/browser.ts';
import type { Speech } from './tests/support/test.ts';

// What is asked of Postgres too: pages that list, count, search and follow what the store holds. The SDKs' suites try every operation on both.
const ON_POSTGRES = [
  'all-tasks', 'api', 'audit', 'bulk', 'dead-letters', 'destinations', 'export', 'instances', 'live', 'logs', 'metrics', 'overview', 'sdk-console',
  'states', 'submit-task', 'task-actions', 'task-list', 'users', 'versions', 'waiting',
];

const FLOWS = /\bC-(0[1-9]|1\d|2[0-8])\b/;

export default defineConfig<object, Speech>({
  testDir: 'tests',
  testMatch: process.env.TASKYARD_STORE === 'postgres' ? ON_POSTGRES.map((name) => `${name}.spec.ts`) : '*.spec.ts',
  outputDir: 'test-results',
  globalSetup: './tests/support/global-setup.ts',
  fullyParallel: true,
  workers: 2,
  // A test that passes only at its second try is told as flaky.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  // Long enough for a machine that does other things too; what has to be quicker says its own time.
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    launchOptions: LAUNCH,
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'UTC',
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'javascript', use: { javaScriptEnabled: true } },
    { name: 'no-javascript', use: { javaScriptEnabled: false }, grepInvert: /@javascript/ },
    { name: 'chinese', use: { locale: 'zh-CN', language: 'zh-CN' }, grep: FLOWS },
    { name: 'narrow', use: { viewport: { width: 320, height: 640 } }, grep: FLOWS },
  ],
});
