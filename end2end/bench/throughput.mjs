// Calls per second with 64 clients. The client is one Node.js process on the same two cores, so its own ceiling is measured beside it.
import { Api, load } from '../lib/api.mjs';
import { row } from './table.mjs';

async function rate(clients, calls, call) {
  const began = performance.now();
  await load(clients, calls, call);
  return (calls * 1_000) / (performance.now() - began);
}

async function repeat(runs, once) {
  const rates = [];
  for (let run = 0; run < runs; run++) rates.push(await once(run));
  return rates;
}

const expect = (answer, status) => {
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.body}`);
};

export async function throughputs(server, { runs, calls }) {
  const api = new Api(server.url);
  const signedGet = () => api.call('GET', '/services/demo').then((answer) => expect(answer, 200));
  const signed = await repeat(runs, () => rate(64, calls, signedGet));
  const sync16 = await repeat(runs, () => rate(16, calls / 4, () => api.invoke('demo', 'ev-hello', '{}').then((answer) => expect(answer, 200))));
  // Delayed, so that only the submission is measured and not the runs that follow.
  const submit = (run) => (n) =>
    api
      .call('POST', api.invokePath('demo', 'ev-hello'), {
        headers: { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-id': `rate-${run}-${n}`, 'x-fc-async-delay': '3600' },
        body: '{}',
      })
      .then((answer) => expect(answer, 202));
  const submits = await repeat(runs, (run) => rate(64, calls, submit(run)));
  const reference = { name: 'signed GetService, same client', value: [...signed].sort((a, b) => a - b)[signed.length >> 1] };
  return [
    row('signed GetService, 64 clients', '/s', signed),
    row('durable submit, signature verified, 64 clients', '/s', submits, reference),
    row('sync invoke of a Python function, 16 clients', '/s', sync16, reference),
  ];
}
