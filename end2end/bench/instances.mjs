// Instances alone, without server and store: `cargo bench -p runtime`.
import { execFileSync } from 'node:child_process';
import { ROOT } from '../lib/server.mjs';
import { row } from './table.mjs';

export function instances({ samples }) {
  const args = ['bench', '-q', '-p', 'runtime', '--bench', 'instances', '--', '--samples', String(Math.min(samples, 100))];
  const out = execFileSync('cargo', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 });
  const lines = out.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line)).map(({ what, unit, values }) => row(what, unit, values));
}
