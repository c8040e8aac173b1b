// What the tour's server holds: services and functions of several runtimes, a task in every state, users, keys, versions and all the rest.
import { randomBytes } from 'node:crypto';
import { Api, load } from '../lib/api.mjs';
import { zip } from '../lib/zip.mjs';
import { bootstrap, invoice, report, thumbnail, timesOut, transcode } from './codes.mjs';

// A webhook at which nobody listens.
const NOBODY = 'http://127.0.0.1:9/outcomes';

// As long as names get.
export const LONG = 'a-name-as-long-as-they-get-'.padEnd(128, 'x');
const TEXT = '第一个版本, the first one, with words enough to be cut where there is no room for them all. '.repeat(2);

// The functions that the screens show, by what they are there for.
export const FUNCTIONS = {
  // Has a task in every state, destinations, triggers, versions.
  full: { service: 'orders', name: 'send-invoice' },
  // Has nothing but itself.
  empty: { service: 'media', name: 'make-preview' },
  // Its queue is paused.
  paused: { service: 'orders', name: 'sync-inventory' },
  // Has more waiting tasks than a bulk action takes without a typed number.
  many: { service: 'media', name: 'transcode' },
  http: { service: 'demo', name: 'http-hello' },
  // Task mode is off.
  plain: { service: 'demo', name: 'ev-plain' },
  // Its name and its service's are as long as they get.
  long: { service: LONG, name: LONG },
};

export const TASKS = {
  Enqueued: 'invoice-2026-00871',
  Processed: 'invoice-2026-00872',
  Running: 'invoice-2026-00861',
  Retrying: 'invoice-2026-00870',
  Stopping: 'invoice-2026-00860',
  Succeeded: 'invoice-2026-00858',
  Failed: 'invoice-2026-00857',
  Expired: 'invoice-2026-00801',
  Invalid: 'invoice-2026-00802',
  Stopped: 'invoice-2026-00803',
  exited: 'invoice-2026-00856',
  long: 'an-order-with-an-id-as-long-as-they-get-'.padEnd(128, 'x'),
};

const CUSTOMERS = ['li.na@example.com', 'ada@example.org', 'gregor.samsa@example.net', '王伟@例子.中国'];

const path = ({ service, name }) => `/services/${service}/functions/${name}`;

class Filler {
  constructor(api) {
    this.api = api;
  }

  async call(method, at, options) {
    const answer = await this.api.call(method, at, options);
    if (answer.status >= 300) throw new Error(`${method} ${at} answered ${answer.status}: ${answer.body}`);
    return answer.body.length ? JSON.parse(answer.body) : undefined;
  }

  service(serviceName, description, more = {}) {
    return this.call('POST', '/services', { body: { serviceName, description, ...more } });
  }

  async make(fn, files, config, more = {}) {
    const code = { zipFile: zip(files).toString('base64') };
    const body = { functionName: fn.name, runtime: 'python3', handler: 'index.handler', timeout: 600, memorySize: 256, code, ...more };
    await this.call('POST', `/services/${fn.service}/functions`, { body });
    if (config) await this.configure(fn, { statefulInvocation: true, ...config });
  }

  configure(fn, body) {
    return this.call('PUT', `${path(fn)}/async-invoke-config`, { body });
  }

  trigger(fn, triggerName, triggerType, triggerConfig, more = {}) {
    return this.call('POST', `${path(fn)}/triggers`, { body: { triggerName, triggerType, triggerConfig, ...more } });
  }

  submit(fn, id, event, { delay, qualifier } = {}) {
    const service = qualifier ? `${fn.service}.${qualifier}` : fn.service;
    const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-enable': 'true' };
    if (id) headers['x-fc-stateful-async-invocation-id'] = id;
    if (delay) headers['x-fc-async-delay'] = String(delay);
    return this.call('POST', `${path({ ...fn, service })}/invocations`, { headers, body: event });
  }

  pause(fn, paused) {
    return this.call('PUT', `${path(fn)}/queue`, { body: { paused } });
  }

  // Asks until it is so, for as long as it may take on a busy machine.
  async until(what, holds) {
    const deadline = Date.now() + 60_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`not within 60 s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  reaches(fn, id, ...states) {
    return this.until(`${id} is ${states}`, async () => states.includes((await this.api.task(fn.service, fn.name, id)).status));
  }
}

const order = (n, more = {}) => {
  const lines = Array.from({ length: 1 + (n % 4) }, (_, at) => ({ article: `A-${1_000 + n * 7 + at}`, quantity: 1 + (at % 3), price: 199 + 50 * at }));
  return JSON.stringify({ id: n, customer: CUSTOMERS[n % CUSTOMERS.length], lines, ...more });
};
const invoiceId = (n) => `invoice-2026-00${n}`;

// Returns ids that only the server knows.
export async function fill(url) {
  const filler = new Filler(new Api(url, 16));
  await services(filler);
  await oldTasks(filler);
  await Promise.all([newTasks(filler), failures(filler), backlog(filler), waiting(filler)]);
  await versions(filler);
  await triggers(filler);
  await lastTasks(filler);
  const { instances } = await filler.call('GET', `${path(FUNCTIONS.full)}/instances`);
  return { instance: instances[0]?.instanceId ?? 'none' };
}

async function services(filler) {
  const { full, empty, paused, many, long } = FUNCTIONS;
  await filler.service('orders', 'Orders and what follows from them', { internetAccess: false });
  await filler.call('POST', '/tag', { body: { resourceArn: 'services/orders', tags: { team: 'billing', env: 'production', 'cost-centre': '4711' } } });
  await filler.service('media', '图像与视频处理: pictures and films');
  await filler.service('an-empty-service', '');
  await filler.service(LONG, TEXT);
  await filler.call('POST', '/tag', { body: { resourceArn: 'services/orders', tags: { team: 'billing', stage: 'production', 成本中心: '4711' } } });
  const destinationConfig = { onSuccess: { destination: 'acs:fc:::services/orders/functions/report' }, onFailure: { destination: NOBODY } };
  await filler.make({ service: 'orders', name: 'report' }, report, undefined, { description: 'Takes what other functions send when they are done' });
  const of = { description: 'Charges an order and mails its invoice', handler: 'index.handler', initializer: 'index.initializer', initializationTimeout: 300 };
  const environmentVariables = { LEDGER: 'https://ledger.example.org', CURRENCY: 'EUR', TOKEN: randomBytes(8).toString('hex') };
  await filler.make(full, invoice, { maxAsyncRetryAttempts: 0, destinationConfig }, { ...of, environmentVariables });
  await filler.make(paused, thumbnail, {}, { runtime: 'nodejs20', description: 'Tells the warehouse what was sold' });
  await filler.make({ service: 'orders', name: 'charge-card' }, timesOut, { maxAsyncRetryAttempts: 0 }, { timeout: 1 });
  await filler.make({ service: 'orders', name: 'close-the-books' }, invoice, { maxAsyncRetryAttempts: 0 }, { memorySize: 128 });
  await filler.make({ service: 'media', name: 'thumbnail' }, thumbnail, { maxAsyncRetryAttempts: 0 }, { runtime: 'nodejs20', description: '缩略图' });
  await filler.make(many, transcode, {}, { memorySize: 1_024, description: 'Films, one at a time' });
  await filler.make(empty, report, {});
  const custom = { runtime: 'custom', handler: 'bootstrap', customRuntimeConfig: { command: ['/code/bootstrap'] }, caPort: 9_000 };
  await filler.make({ service: 'media', name: 'gateway' }, bootstrap, undefined, { ...custom, description: 'A program of its own' });
  await filler.make(long, report, {}, { description: TEXT });
}

// Those that end in states which later ones can't be brought to.
async function oldTasks(filler) {
  const fn = FUNCTIONS.full;
  await filler.configure(fn, { maxAsyncEventAgeInSeconds: 1 });
  await filler.pause(fn, true);
  await filler.submit(fn, TASKS.Expired, order(801));
  const expiresAt = Date.now() + 1_500;
  await filler.until('the task is too old', () => Date.now() > expiresAt);
  await filler.pause(fn, false);
  await filler.reaches(fn, TASKS.Expired, 'Expired');
  await filler.configure(fn, { maxAsyncEventAgeInSeconds: 86_400 });
  const { versionId } = await filler.call('POST', '/services/orders/versions', { body: { description: 'withdrawn' } });
  await filler.submit(fn, TASKS.Invalid, order(802), { delay: 3_600, qualifier: versionId });
  await filler.call('DELETE', `/services/orders/versions/${versionId}`);
  await filler.submit(fn, TASKS.Stopped, order(803), { delay: 3_600 });
  await filler.api.stop(fn.service, fn.name, TASKS.Stopped);
}

async function newTasks(filler) {
  const fn = FUNCTIONS.full;
  await load(8, 52, async (n) => {
    const more = { 13: { lines: [{ article: 'A-1', quantity: 1 }] }, 31: { do: 'long' } }[n];
    await filler.submit(fn, invoiceId(804 + n), order(804 + n, more));
  });
  await filler.submit(fn, TASKS.exited, order(856, { do: 'exit' }));
  await filler.submit(fn, TASKS.Failed, order(857, { lines: [{ article: 'A-17', quantity: 2 }, { article: '任务 <b>bold</b>'.repeat(20), quantity: 1 }] }));
  await filler.submit(fn, TASKS.Succeeded, order(858));
  await filler.submit(fn, TASKS.long, order(859, { customer: 'a_word_that_does_not_break_'.repeat(12) }));
  for (const id of [TASKS.exited, TASKS.Failed, TASKS.long, TASKS.Succeeded]) await filler.reaches(fn, id, 'Failed', 'Succeeded');
}

async function failures(filler) {
  const card = { service: 'orders', name: 'charge-card' };
  const books = { service: 'orders', name: 'close-the-books' };
  const pictures = { service: 'media', name: 'thumbnail' };
  await load(4, 24, (n) => filler.submit(pictures, `picture-${n}`, JSON.stringify({ path: `/photos/${n}.${n % 5 ? 'jpeg' : 'tiff'}` })));
  await load(4, 4, (n) => filler.submit(card, `card-${n}`, '{}'));
  await filler.submit(books, 'year-2025', order(1, { do: 'memory' }));
  await filler.submit(books, 'year-2026', order(1, { do: 'exit' }));
  for (const [fn, id] of [[pictures, 'picture-20'], [card, 'card-3'], [books, 'year-2026'], [books, 'year-2025']]) await filler.reaches(fn, id, 'Failed');
  await filler.api.send('POST', '/2016-08-15/proxy/demo/http-hello/?name=you', { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-id': 'by-http' });
}

const backlog = (filler) => load(16, 1_050, (n) => filler.submit(FUNCTIONS.many, `film-${String(n).padStart(5, '0')}`, '{}', { delay: 3_600 }));

async function waiting(filler) {
  await filler.pause(FUNCTIONS.paused, true);
  for (let n = 1; n < 6; n++) await filler.submit(FUNCTIONS.paused, `stock-${n}`, '{"path": "stock"}');
}

async function versions(filler) {
  const publish = (description) => filler.call('POST', '/services/orders/versions', { body: { description } });
  const change = (description) => filler.call('PUT', path({ service: 'orders', name: 'report' }), { body: { description } });
  const alias = (aliasName, versionId, more = {}) => filler.call('POST', '/services/orders/aliases', { body: { aliasName, versionId, ...more } });
  await change('Takes what others send');
  const first = (await publish(TEXT)).versionId;
  await change('Takes what the others send when they are done');
  const second = (await publish('Cents instead of euros')).versionId;
  await change('Takes what the other functions send when they are done');
  await publish('');
  await alias('live', first, { description: 'what customers use', additionalVersionWeight: { [second]: 0.1 } });
  await alias(LONG, first);
}

async function triggers(filler) {
  const { full, long } = FUNCTIONS;
  await filler.trigger(full, 'every-night', 'timer', { cronExpression: 'CRON_TZ=Asia/Shanghai 0 0 4 * * *', payload: '任务 <b>bold</b>', enable: true });
  await filler.trigger(full, 'every-5-minutes', 'timer', { cronExpression: '@every 5m', payload: '', enable: false });
  await filler.trigger(long, LONG, 'timer', { cronExpression: '0 15,45 8-18 ? * MON-FRI', payload: '', enable: true });
  const config = { events: ['oss:ObjectCreated:*'], filter: { key: { prefix: 'in/', suffix: '.jpeg' } } };
  const sourceArn = 'acs:oss:cn-hangzhou:1000000000000001:pictures';
  await filler.trigger({ service: 'media', name: 'thumbnail' }, 'on-upload', 'oss', config, { sourceArn, invocationRole: 'acs:ram::1:role/fc' });
}

// Those that last only for some minutes, the shortest last.
async function lastTasks(filler) {
  const fn = FUNCTIONS.full;
  const wait = [TASKS.Running, ...[862, 863, 864].map(invoiceId)];
  await Promise.all(wait.map((id, n) => filler.submit(fn, id, order(861 + n, { do: 'wait' }))));
  await filler.submit(fn, TASKS.Stopping, order(860, { do: 'ignore' }));
  for (const id of [...wait, TASKS.Stopping]) await filler.reaches(fn, id, 'Running');
  // It has to have said what it ignores.
  await filler.until('the signal is ignored', async () => (await filler.call('GET', `${path(fn)}/stateful-async-invocations/${TASKS.Stopping}/logs`)).logs.length > 3);
  await filler.api.stop(fn.service, fn.name, TASKS.Stopping);
  await filler.configure(fn, { maxAsyncRetryAttempts: 3 });
  await filler.submit(fn, TASKS.Retrying, order(870, { lines: [{ article: 'A-17', quantity: 2 }] }));
  await filler.reaches(fn, TASKS.Retrying, 'Retrying');
  // New instances take their time from here on: what is due waits for one.
  await filler.call('PUT', path(fn), { body: { environmentVariables: { LEDGER: 'https://ledger.example.org', CURRENCY: 'EUR', SLOW: '290' } } });
  await filler.submit(fn, TASKS.Enqueued, order(871), { delay: 3_600 });
  await filler.submit(fn, TASKS.Processed, order(872));
  await filler.reaches(fn, TASKS.Processed, 'Processed');
}
