// `make bench`: the figures of product.md 5 that the product has parts for, each as median and spread of several runs, beside a reference
// measured in the same run. Nothing is asserted about time. The table goes to the terminal, the same with every figure to
// target/bench-STORE.json. Flags: --quick does fewer and smaller runs; a part's name does that part alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { ROOT, Server } from './lib/server.mjs';
import { engine } from './bench/engine.mjs';
import { latencies } from './bench/latency.mjs';
import { instances } from './bench/instances.mjs';
import { framework, queues } from './bench/peers.mjs';
import { drain, invocations, submissions } from './bench/throughput.mjs';
import { pages } from './bench/pages.mjs';
import { disk, idle, starts } from './bench/process.mjs';
import { markdown } from './bench/table.mjs';

const quick = process.argv.includes('--quick');
const scale = quick
  ? { runs: 2, seconds: 2, samples: 40, tasks: 10_000, nodeTasks: 2_000, rows: [100_000], pageTasks: 2_000, idleSeconds: 10 }
  : { runs: 3, seconds: 5, samples: 200, tasks: 50_000, nodeTasks: 10_000, rows: [1_000_000, 10_000_000], pageTasks: 10_000, idleSeconds: 60 };
const store = process.env.TASKYARD_STORE ?? 'sqlite';

const parts = {
  disk: () => disk(scale),
  queues: () => queues(scale),
  engine: () => engine(scale),
  instances: () => instances(scale),
  framework: () => framework(scale),
  idle: () => idle(scale),
  submissions: (server) => submissions(server, scale),
  invocations: (server) => invocations(server, scale),
  drain: (server) => drain(server, scale),
  starts: () => starts(scale),
  latencies: (server) => latencies(server, scale),
  pages: (server) => pages(server, { tasks: scale.pageTasks, samples: scale.samples }),
};
const named = process.argv.slice(2).filter((word) => word in parts);

// Share of the cores that was busy with anything since the last call.
let before = [0, 0];
function busy() {
  const now = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1, 9).map(Number);
  const [total, rest] = [now.reduce((a, b) => a + b), now[3] + now[4]];
  const share = 100 - (100 * (rest - before[1])) / (total - before[0]);
  before = [total, rest];
  return share;
}

busy();
await new Promise((resolve) => setTimeout(resolve, 2_000));
const machine = `${cpus().length} × ${cpus()[0].model}, ${Math.round(busy())} % busy before, load ${loadavg()[0].toFixed(2)}; store ${store}`;
console.log(machine);
const rows = [];
const chosen = Object.entries(parts).filter(([name]) => !named.length || named.includes(name));
for (const [name, part] of chosen) {
  console.error(`… ${name}`);
  // A server of its own for each part that wants one: no part is slowed by what another has left behind.
  const server = part.length ? await Server.start({ args: ['--demo'] }) : undefined;
  try {
    rows.push(...(await part(server)));
  } finally {
    await server?.stop();
  }
}
console.log(markdown(rows));
writeFileSync(join(ROOT, 'target', `bench-${store}.json`), `${JSON.stringify({ machine, date: new Date().toISOString(), rows }, null, 1)}\n`);
