// What the console costs the server: the task list with many tasks, by a client that signs in like a browser.
import { Api, load } from '../lib/api.mjs';
import { REGIONS, signIn } from '../lib/server.mjs';
import { row } from './table.mjs';

async function times(samples, call) {
  const values = [];
  for (let n = 0; n < samples + 5; n++) {
    const began = performance.now();
    await call();
    if (n >= 5) values.push(performance.now() - began);
  }
  return values;
}

export async function pages(server, { tasks, samples }) {
  const api = new Api(server.url);
  await load(64, tasks, (n) => api.submit('demo', 'ev-hello', `page-${n}`, '{}'));
  for (;;) {
    const { body } = await api.call('GET', '/services/demo/functions/ev-hello/stateful-async-invocations', { query: { status: 'Enqueued', limit: '1', invocationIdPrefix: 'page-' } });
    if (!JSON.parse(body).invocations.length) break;
  }
  const cookie = await signIn(server.url);
  const console_ = (path) => times(samples, () => api.send('GET', `/${REGIONS[0]}${path}`, { cookie, accept: 'text/html' }));
  const list = (query) => times(samples, () => api.call('GET', '/services/demo/functions/ev-hello/stateful-async-invocations', { query }));
  const tab = '/services/demo/functions/ev-hello/tasks';
  return [
    row(`console task list, ${tasks} tasks of it run`, 'ms', await console_(tab)),
    row('console task list, filter Succeeded', 'ms', await console_(`${tab}?status=Succeeded`)),
    row('console Task Execution Functions', 'ms', await console_('/tasks')),
    row('API task list, first page of 50', 'ms', await list({})),
    row('API task list, status Failed, none', 'ms', await list({ status: 'Failed' })),
    row('API task list, prefix', 'ms', await list({ invocationIdPrefix: 'page-99' })),
  ];
}
