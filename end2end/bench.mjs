// `make bench`: the figures of product.md 5 that the product has parts for, each as median and spread of several runs, beside a reference
// measured in the same run. Nothing is asserted. Flags: --quick does fewer and smaller runs.
import { cpus, loadavg } from 'node:os';
import { Server } from './lib/server.mjs';
import { latencies } from './bench/latency.mjs';
import { throughputs } from './bench/throughput.mjs';
import { pages } from './bench/pages.mjs';
import { idle, starts } from './bench/process.mjs';
import { print } from './bench/table.mjs';

const quick = process.argv.includes('--quick');
const scale = { runs: quick ? 3 : 5, calls: quick ? 2_000 : 10_000, tasks: quick ? 2_000 : 10_000, samples: quick ? 50 : 200 };

console.log(`machine: ${cpus().length} × ${cpus()[0].model}, load before ${loadavg()[0].toFixed(2)}; store ${process.env.TASKYARD_STORE ?? 'sqlite'}`);
const server = await Server.start({ args: ['--demo'] });
try {
  const rows = [];
  rows.push(...(await idle(server)));
  rows.push(...(await starts(scale)));
  rows.push(...(await latencies(server, scale)));
  rows.push(...(await throughputs(server, scale)));
  rows.push(...(await pages(server, scale)));
  print(rows);
} finally {
  await server.stop();
}
