// Time from a submission to the start of the code, from a stop to its end, and of a synchronous call, one at a time on an idle server.
import { Api } from '../lib/api.mjs';
import { row } from './table.mjs';

async function until(api, fn, id, wanted) {
  for (;;) {
    const task = await api.task('demo', fn, id);
    if (wanted(task)) return task;
  }
}

const ended = (task) => task.endTime > 0;

export async function latencies(server, { samples }) {
  const api = new Api(server.url);
  for (let n = 0; n < 20; n++) await api.invoke('demo', 'ev-hello', '{}');
  const [sync, health, submitted, started] = [[], [], [], []];
  for (let n = 0; n < samples; n++) {
    let began = performance.now();
    await api.send('GET', '/healthz');
    health.push(performance.now() - began);
    began = performance.now();
    await api.invoke('demo', 'ev-hello', '{}');
    sync.push(performance.now() - began);
    began = performance.now();
    await api.submit('demo', 'ev-hello', `lat-${n}`, '{}');
    submitted.push(performance.now() - began);
    const { events } = await until(api, 'ev-hello', `lat-${n}`, ended);
    started.push(events.find((event) => event.status === 'Running').timestamp - events[0].timestamp);
  }
  const stops = [];
  for (let n = 0; n < Math.min(samples, 30); n++) {
    await api.submit('demo', 'ev-slow', `stop-${n}`, '{"seconds":60}');
    await until(api, 'ev-slow', `stop-${n}`, (task) => task.status === 'Running');
    await api.stop('demo', 'ev-slow', `stop-${n}`);
    const { events } = await until(api, 'ev-slow', `stop-${n}`, ended);
    const at = (status) => events.find((event) => event.status === status).timestamp;
    stops.push(at('Stopped') - at('Stopping'));
  }
  const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
  const reference = { name: 'GET /healthz', value: median(health) };
  return [
    row('GET /healthz round trip', 'ms', health),
    row('sync invoke of a warm Python function', 'ms', sync, reference),
    row('durable submit round trip, 202', 'ms', submitted, reference),
    row('submit accepted → Running recorded, warm (server, whole ms)', 'ms', started),
    row('Stopping → Stopped, code that obeys SIGTERM (server, whole ms)', 'ms', stops),
  ];
}
