// A list that is live while 500 states change each second: what is typed arrives whole, and the memory does not grow (issue 6, part 9).
import type { Page } from '@playwright/test';
import { TasksPage } from './pages/tasks.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { Watch, type Held } from './support/watch.ts';
import type { Fn, TaskRecord, Workspace } from './support/workspace.ts';

// Each goes through four states.
const TASKS_PER_SECOND = 125;

// What is typed meanwhile, a dozen characters a second, or as many as a busy machine takes until the time is over.
const TEXT = 'the_quick_brown_fox_jumps_over_the_lazy_dog_0123456789-'.repeat(2);
const KEY_EVERY_MS = 80;
const LASTS_MS = 9_000;

// Bounds of what ten seconds of changes may leave behind.
const HEAP_GROWTH_MAX = 4 * 1024 * 1024;
const WASM_GROWTH_MAX = 4 * 1024 * 1024;
const NODES_GROWTH_MAX = 1_500;

// Submits at an even rate until the work is done, and returns the ids in their order. A pace is kept by time: late ones are made up for.
async function submitDuring(workspace: Workspace, fn: Fn, start: string, work: Promise<string>): Promise<{ ids: string[]; typed: string }> {
  const ids: string[] = [];
  const accepted: Promise<void>[] = [];
  const began = performance.now();
  const pace = setInterval(() => {
    const due = ((performance.now() - began) * TASKS_PER_SECOND) / 1_000;
    while (ids.length < due) {
      const id = `${start}-${String(ids.length).padStart(4, '0')}`;
      ids.push(id);
      accepted.push(workspace.submit(fn, id, '1'));
    }
  }, 10);
  const typed = await work.finally(() => clearInterval(pace));
  await Promise.all(accepted);
  return { ids, typed };
}

// Returns what was typed.
async function type(page: Page, lastsMs: number): Promise<string> {
  const end = performance.now() + lastsMs;
  let typed = '';
  for (const character of TEXT) {
    if (performance.now() > end) break;
    await page.keyboard.type(character, { delay: KEY_EVERY_MS });
    typed += character;
  }
  return typed;
}

// The most state changes in one second, and their mean, by the times of the records.
function changes(records: TaskRecord[]): { mean: number; most: number } {
  const times = records.flatMap(({ events }) => events.map(({ timestamp }) => timestamp)).toSorted((a, b) => a - b);
  const seconds = new Map<number, number>();
  for (const time of times) seconds.set(Math.floor(time / 1_000), (seconds.get(Math.floor(time / 1_000)) ?? 0) + 1);
  return { mean: (times.length * 1_000) / (times.at(-1)! - times[0]!), most: Math.max(...seconds.values()) };
}

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
const longest = (times: number[]): string => `${times.length}${times.length ? `, the longest ${Math.max(...times).toFixed(0)} ms` : ''}`;

test('i6 500 state changes a second: nothing typed is dropped and memory does not grow', { tag: '@javascript' }, async ({
  console,
  page,
  workspace,
}, info) => {
  // A machine that does other things too may be long at it.
  test.slow();
  const fn = await workspace.makeFunction(ECHO);
  const watch = await Watch.of(page);
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(fn);
  // The list is full, and everything has happened once, when it is first measured.
  await tasks.prefix.focus();
  const { ids: first } = await submitDuring(workspace, fn, 'warm', type(page, 1_500));
  await expect(tasks.chip('Succeeded')).toHaveAccessibleName(`Succeeded ${first.length}`, { timeout: 30_000 });
  await tasks.prefix.fill('');
  const before = await watch.held();
  await watch.restart();

  const { ids, typed } = await submitDuring(workspace, fn, 'load', type(page, LASTS_MS));
  await expect(tasks.prefix, 'every character').toHaveValue(typed);
  const times = await watch.times();

  // The list ends as the records do.
  const all = (first.length + ids.length).toLocaleString('en');
  await expect(tasks.chip('Succeeded')).toHaveAccessibleName(`Succeeded ${all}`, { timeout: 60_000 });
  await expect(tasks.chip('All')).toHaveAccessibleName(`All ${all}`);
  const records = (await workspace.everyTask(fn)).filter(({ invocationId }) => invocationId.startsWith('load'));
  await tasks.expectIds((await workspace.tasks(fn)).slice(0, 50).map(({ invocationId }) => invocationId));
  expect(records.map(({ invocationId }) => invocationId).toSorted()).toEqual(ids);
  await expect(tasks.table.locator('[data-status="Succeeded"]')).toHaveCount(50);
  await expect(tasks.prefix).toHaveValue(typed);

  const after = await watch.held();
  const rate = changes(records);
  const grew = (what: keyof Held) => after[what] - before[what];
  const told = [
    `${records.length} tasks, ${rate.mean.toFixed(0)} state changes a second, ${rate.most} in the busiest second`,
    `live objects ${megabytes(before.heap)} → ${megabytes(after.heap)}, wasm ${megabytes(before.wasm)} → ${megabytes(after.wasm)}, nodes ${before.nodes} → ${after.nodes}`,
    `tasks over 50 ms: ${longest(times.longTasks)}; keys over 16 ms: ${longest(times.keys)}, of ${typed.length}`,
  ];
  for (const line of told) {
    process.stdout.write(`    ${line}\n`);
    info.annotations.push({ type: 'figure', description: line });
  }
  expect(rate.mean, 'far fewer were no test of it').toBeGreaterThan(25);
  expect(grew('heap')).toBeLessThan(HEAP_GROWTH_MAX);
  expect(grew('wasm')).toBeLessThan(WASM_GROWTH_MAX);
  expect(grew('nodes')).toBeLessThan(NODES_GROWTH_MAX);
});
