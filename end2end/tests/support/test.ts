// `test` with what every spec needs. Each test gets names of its own and ends with a look at what the browser complained about.
import { createHash } from 'node:crypto';
import { test as base } from '@playwright/test';
import { Console } from '../pages/console.ts';
import { expect } from './expect.ts';
import { Guard } from './guard.ts';
import { type Language, speak } from './language.ts';
import { Workspace } from './workspace.ts';

interface Fixtures {
  // False for tests that begin signed out.
  signedIn: boolean;
  guard: Guard;
  workspace: Workspace;
  console: Console;
}

// Options of the project, and what it takes.
export interface Speech {
  language: Language;
  speech: void;
}

export const test = base.extend<Fixtures, Speech>({
  language: ['en', { option: true, scope: 'worker' }],
  // Projects have workers of their own, so that each worker knows one language.
  speech: [
    async ({ browser, language }, use) => {
      await speak(language, browser);
      await use();
    },
    { auto: true, scope: 'worker' },
  ],
  signedIn: [true, { option: true }],
  // Playwright asks for an object pattern even where a fixture needs nothing.
  baseURL: async ({}, use) => use(process.env.TASKYARD_E2E_URL),
  storageState: async ({ signedIn }, use) => use(signedIn ? process.env.TASKYARD_E2E_SESSION : undefined),
  guard: [
    async ({ context, javaScriptEnabled }, use) => {
      const guard = new Guard(context, javaScriptEnabled ?? true);
      await use(guard);
      expect(guard.problems(), 'what the browser complained about').toEqual([]);
    },
    { auto: true },
  ],
  workspace: async ({ baseURL }, use, info) => {
    const place = [info.project.name, ...info.titlePath, info.repeatEachIndex, info.retry].join('\n');
    await use(new Workspace(baseURL!, createHash('sha256').update(place).digest('hex').slice(0, 8)));
  },
  console: async ({ page, javaScriptEnabled }, use) => use(new Console(page, javaScriptEnabled ?? true)),
});

export { expect };
