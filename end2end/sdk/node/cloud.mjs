// What the tests of the Node.js SDKs share. suite.py starts the server and says where it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const { env } = process;
export const ADDRESS = env.TASKYARD_SDK_ADDRESS;
export const KEY = { id: env.TASKYARD_ACCESS_KEY_ID, secret: env.TASKYARD_ACCESS_KEY_SECRET };
export const ACCOUNT = '1000000000000001';

// How long anything may take before a test gives up on it.
const PATIENCE_MS = 60_000;
const FINAL = ['Succeeded', 'Failed', 'Stopped', 'Expired', 'Invalid'];

// A ZIP archive of the handlers in `code/`, as base64.
export const code = (runtime) => {
  const name = runtime.startsWith('python') ? 'python.zip' : 'nodejs.zip';
  return readFileSync(`${env.TASKYARD_SDK_CODE}/${name}`).toString('base64');
};

export const unique = (prefix) => `${prefix}-${randomBytes(4).toString('hex')}`;

// The task that `read` gives, once it is in the state.
export async function waitFor(read, state) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const task = await read();
    if (task.status === state) return task;
    assert.ok(!FINAL.includes(task.status), `ended as ${task.status}: ${JSON.stringify(task)}`);
    assert.ok(Date.now() < deadline, `not ${state} within ${PATIENCE_MS} ms`);
    await sleep(50);
  }
}

// Waits until it holds.
export async function becomes(what, holds) {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `not within ${PATIENCE_MS} ms: ${what}`);
    await sleep(50);
  }
}

export const states = (task) => task.events.map((event) => event.status);

// All items of a paged list; `read` gets a token and gives [items, next token].
export async function everything(read) {
  const pages = [];
  let token = '';
  do {
    const [items, next] = await read(token);
    pages.push(items);
    token = next;
  } while (token);
  return pages;
}
