// Calls a second through the HTTP API, each with its signature verified.
import { execFileSync } from 'node:child_process';
import { Api, load } from '../lib/api.mjs';
import { row } from './table.mjs';
import { wrk } from './wrk.mjs';

const repeat = (runs, once) => Array.from({ length: runs }, once);

// Submissions that are due in an hour, so that only the submission is measured and not the runs that follow; and signed reads as reference.
export function submissions(server, { runs, seconds }) {
  const api = new Api(server.url);
  const call = (method, path, options) => (clients) => wrk(server.url + api.full(path), clients, seconds, { method, ...api.signed(method, path, options) });
  const get = call('GET', '/services/demo', {});
  const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-enable': 'true', 'x-fc-async-delay': '3600' };
  const submit = call('POST', api.invokePath('demo', 'ev-hello'), { headers, body: '{}' });
  const health = (clients) => wrk(`${server.url}/healthz`, clients, seconds);
  const rows = [row('GET /healthz over loop-back, 64 clients', '/s', repeat(runs, () => health(64)))];
  rows.push(row('signed GetService, 64 clients', '/s', repeat(runs, () => get(64))));
  for (const clients of [1, 16, 64]) rows.push(row(`durable submit through the HTTP API, ${clients} clients`, '/s', repeat(runs, () => submit(clients))));
  return rows;
}

const HELLO = {
  python3: ['index.py', 'def handler(event, context):\n    return b"hello"\n'],
  nodejs20: ['index.js', 'exports.handler = (event, context, callback) => callback(null, "hello");\n'],
};

export async function makeHello(api, runtime, name) {
  const [file, text] = HELLO[runtime];
  const zipFile = execFileSync('python3', ['-c', zipScript(file, text)], { encoding: 'utf8' }).trim();
  await api.call('POST', '/services', { body: { serviceName: 'bench' } });
  const body = { functionName: name, runtime, handler: 'index.handler', timeout: 60, code: { zipFile } };
  const made = await api.call('POST', '/services/bench/functions', { body });
  if (made.status !== 200) throw new Error(String(made.body));
}

const zipScript = (file, text) => `import base64,io,zipfile
b=io.BytesIO()
with zipfile.ZipFile(b,'w') as z: z.writestr(${JSON.stringify(file)},${JSON.stringify(text)})
print(base64.b64encode(b.getvalue()).decode())`;

// Synchronous calls of a function that says hello, in real processes.
export async function invocations(server, { runs, seconds }) {
  const api = new Api(server.url);
  const rows = [];
  for (const runtime of Object.keys(HELLO)) {
    await makeHello(api, runtime, `hello-${runtime}`);
    const path = api.invokePath('bench', `hello-${runtime}`);
    const invoke = (clients) => wrk(server.url + api.full(path), clients, seconds, { method: 'POST', ...api.signed('POST', path, { body: '{}' }) });
    invoke(16);
    for (const clients of [16, 64]) rows.push(row(`sync invoke of hello, ${runtime}, ${clients} clients`, '/s', repeat(runs, () => invoke(clients))));
  }
  return rows;
}

// Tasks that are due within one second, run by a real Node.js function, one invocation each; from the first start to the last end.
export async function drain(server, { runs, nodeTasks }) {
  const api = new Api(server.url);
  const rates = [];
  for (let run = 0; run < runs; run++) {
    const name = `drain-${run}`;
    await makeHello(api, 'nodejs20', name);
    const due = Date.now() + 4_000 + nodeTasks;
    const delay = () => String(Math.max(1, Math.ceil((due - Date.now()) / 1_000)));
    const headers = () => ({ 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-enable': 'true', 'x-fc-async-delay': delay() });
    await load(64, nodeTasks, async () => {
      const { status, body } = await api.call('POST', api.invokePath('bench', name), { headers: headers(), body: '{}' });
      if (status !== 202) throw new Error(`${status} ${body}`);
    });
    const tasks = await ended(api, name, nodeTasks);
    rates.push((nodeTasks * 1_000) / (Math.max(...tasks.map((task) => task.endTime)) - Math.min(...tasks.map((task) => task.startedTime))));
  }
  return [row(`drain of ${nodeTasks} tasks through a real Node.js function`, '/s', rates)];
}

// Every task of the function, once all have ended.
async function ended(api, name, count) {
  const path = `/services/bench/functions/${name}/stateful-async-invocations`;
  // A list is ordered by start: what starts while it is read may be missed.
  for (const status of ['Enqueued', 'Processed', 'Running']) {
    for (;;) {
      const some = await api.call('GET', path, { query: { status, limit: '1' } });
      if (JSON.parse(some.body).invocations.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  for (;;) {
    const tasks = [];
    let nextToken = '';
    do {
      const { body } = await api.call('GET', path, { query: { limit: '100', ...(nextToken ? { nextToken } : {}) } });
      const page = JSON.parse(body);
      tasks.push(...page.invocations);
      nextToken = page.nextToken;
    } while (nextToken);
    if (tasks.length !== count) throw new Error(`${tasks.length} tasks instead of ${count}`);
    if (tasks.every((task) => task.endTime > 0)) {
      const failed = tasks.filter((task) => task.status !== 'Succeeded');
      if (failed.length) throw new Error(`${failed.length} tasks did not succeed: ${JSON.stringify(failed[0])}`);
      return tasks;
    }
  }
}
