// How the browser is started, in tests and before them: Debian's Chromium, talking to nobody but the server under test.
import type { LaunchOptions } from '@playwright/test';

export const LAUNCH: LaunchOptions = {
  executablePath: process.env.TASKYARD_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
