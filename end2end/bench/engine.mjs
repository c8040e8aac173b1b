// The engine alone, over the real store with a simulated executor: `cargo bench -p engine`.
import { execFileSync } from 'node:child_process';
import { ROOT } from '../lib/server.mjs';
import { row } from './table.mjs';

// `rows`: how many tasks there are where lists and counts are read, once for each number.
export function engine({ runs, tasks, rows }) {
  const [first, ...others] = rows;
  return [...measure(['--tasks', tasks, '--runs', runs, '--rows', first]), ...others.flatMap((more) => measure(['lists', '--rows', more]))];
}

function measure(words) {
  const store = process.env.TASKYARD_STORE ?? 'sqlite';
  const args = ['bench', '-q', '-p', 'engine', '--bench', 'tasks', '--', store, ...words].map(String);
  const out = execFileSync('cargo', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 });
  const lines = out.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line)).map(({ what, unit, values }) => row(what, unit, values));
}
