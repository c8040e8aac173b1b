// The idle server, and cold starts beside the bare interpreters.
import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Api } from '../lib/api.mjs';
import { Server } from '../lib/server.mjs';
import { row } from './table.mjs';

const TICKS_PER_SECOND = 100;

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

// Transactions that the database of a server on Postgres has committed; a session's own counts reach the statistics within a second.
function commits(database) {
  const psql = join(process.env.TASKYARD_PG_BIN ?? '', 'psql');
  const name = new URL(database).pathname.slice(1);
  const url = Object.assign(new URL(database), { pathname: '/postgres' }).toString();
  return Number(execFileSync(psql, [url, '-Atqc', `select xact_commit from pg_stat_database where datname = '${name}'`], { encoding: 'utf8' }));
}

// A server that has nothing to do: no function, no task. What its start leaves to do is done after some seconds.
export async function idle({ idleSeconds }) {
  const server = await Server.start({ args: [] });
  try {
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const { pid } = server.process;
    const [busy, committed] = [cpuSeconds(pid), server.database && commits(server.database)];
    await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1_000));
    const share = ((cpuSeconds(pid) - busy) / idleSeconds) * 100;
    const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
    const rows = [row(`idle server, CPU of one core over ${idleSeconds} s`, '%', [share]), row('idle server, resident', 'MB', [rss])];
    if (!server.database) return rows;
    return [...rows, row(`idle server, transactions on Postgres over ${idleSeconds} s`, '/s', [(commits(server.database) - committed) / idleSeconds])];
  } finally {
    await server.stop();
  }
}

const timed = async (call) => {
  const began = performance.now();
  await call();
  return performance.now() - began;
};

// Each sample is a function of its own, so each call finds no warm instance.
export async function starts({ samples }) {
  const server = await Server.start({ args: [], env: { TASKYARD_MAX_INSTANCES: '200' } });
  try {
    const api = new Api(server.url);
    const rows = [];
    await api.call('POST', '/services', { body: { serviceName: 'cold' } });
    const zip = { python3: execFileSync('python3', ['-c', zipScript('index.py', 'def handler(e, c):\n    return e\n')]), nodejs20: execFileSync('python3', ['-c', zipScript('index.js', 'exports.handler = (e, c, cb) => cb(null, e);\n')]) };
    const bare = { python3: ['python3', ['-c', 'pass']], nodejs20: ['node', ['-e', '0']] };
    for (const runtime of Object.keys(zip)) {
      const [cold, plain] = [[], []];
      for (let n = 0; n < Math.min(samples, 30); n++) {
        const name = `${runtime}-${n}`;
        const body = { functionName: name, runtime, handler: 'index.handler', code: { zipFile: zip[runtime].toString().trim() } };
        const made = await api.call('POST', '/services/cold/functions', { body });
        if (made.status !== 200) throw new Error(String(made.body));
        cold.push(await timed(() => api.invoke('cold', name, 'x')));
        plain.push(await timed(async () => execFileSync(...bare[runtime])));
      }
      const reference = { name: `bare ${bare[runtime][0]}`, value: [...plain].sort((a, b) => a - b)[plain.length >> 1] };
      rows.push(row(`cold start and call, ${runtime}`, 'ms', cold, reference));
    }
    return rows;
  } finally {
    await server.stop();
  }
}

const zipScript = (file, text) => `import base64,io,zipfile
b=io.BytesIO()
with zipfile.ZipFile(b,'w') as z: z.writestr(${JSON.stringify(file)},${JSON.stringify(text)})
print(base64.b64encode(b.getvalue()).decode())`;

// What no durable commit can be faster than: 4 KB written over and brought to the disk, one at a time.
export function disk({ samples }) {
  const file = join(mkdtempSync(join(tmpdir(), 'disk-')), 'file');
  const handle = openSync(file, 'w');
  const block = Buffer.alloc(4_096, 7);
  const taken = [];
  for (let n = 0; n < samples * 5; n++) {
    const began = performance.now();
    writeSync(handle, block, 0, block.length, (n % 256) * block.length);
    fdatasyncSync(handle);
    taken.push(performance.now() - began);
  }
  closeSync(handle);
  rmSync(dirname(file), { recursive: true });
  return [row('4 KB to the disk (fdatasync)', 'ms', taken)];
}
