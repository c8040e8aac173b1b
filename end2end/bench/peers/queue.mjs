// One run of a job queue on Postgres: single inserts by 64 clients, inserts in batches of 1,000, and the drain of as many no-op jobs, in the
// mode that its own documentation calls the fastest. Prints one JSON line per figure.
//   node queue.mjs graphile-worker|pg-boss URL JOBS
import pg from 'pg';

const [name, connectionString, count] = process.argv.slice(2);
const jobs = Number(count);
const BATCH = 1_000;
const report = (what, began, n) => console.log(JSON.stringify({ what: `${name}: ${what}`, unit: '/s', value: (n * 1_000) / (performance.now() - began) }));

// Each peer: one(i), many(n, from), left() and drain(onJob), which resolves to a function that ends its worker.
const peers = {
  async 'graphile-worker'() {
    const { Logger, makeWorkerUtils, run } = await import('graphile-worker');
    const pool = new pg.Pool({ connectionString, max: 64 });
    const logger = new Logger(() => () => {});
    const utils = await makeWorkerUtils({ pgPool: pool, logger });
    await utils.migrate();
    return {
      one: (i) => utils.addJob('noop', { i }),
      many: (n, from) => utils.addJobs(Array.from({ length: n }, (_, k) => ({ identifier: 'noop', payload: { i: from + k } }))),
      clear: () => pool.query('truncate graphile_worker._private_jobs'),
      settle: () => pool.query('vacuum analyze graphile_worker._private_jobs'),
      left: async () => Number((await pool.query('select count(*) as n from graphile_worker._private_jobs')).rows[0].n),
      async drain(onJob) {
        const worker = { connectionString, concurrentJobs: 24, maxPoolSize: 26, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0, logger };
        await run({ preset: { worker }, taskList: { noop: async () => onJob() }, noHandleSignals: true });
      },
    };
  },
  async 'pg-boss'() {
    const { PgBoss } = await import('pg-boss');
    const boss = new PgBoss({ connectionString, max: 64, supervise: false, schedule: false });
    const pool = new pg.Pool({ connectionString, max: 4 });
    boss.on('error', (error) => console.error(error.message));
    await boss.start();
    await boss.createQueue('noop');
    return {
      one: (i) => boss.send('noop', { i }),
      many: (n, from) => boss.insert('noop', Array.from({ length: n }, (_, k) => ({ data: { i: from + k } }))),
      clear: () => boss.deleteAllJobs('noop'),
      settle: () => pool.query('vacuum analyze'),
      left: async () => Number((await pool.query("select count(*) as n from pgboss.job where name = 'noop' and state < 'completed'")).rows[0].n),
      drain: (onJob) =>
        boss.work('noop', { batchSize: 500, localConcurrency: 4, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }, async (batch) => batch.forEach(onJob)),
    };
  },
};

const peer = await peers[name]();
let began = performance.now();
let next = 0;
const singles = jobs / 5;
const client = async () => {
  for (let i = next++; i < singles; i = next++) await peer.one(i);
};
await Promise.all(Array.from({ length: 64 }, client));
report('single inserts, 64 clients', began, singles);
await peer.clear();
began = performance.now();
for (let from = 0; from < jobs; from += BATCH) await peer.many(BATCH, from);
report('inserts in batches of 1,000', began, jobs);
await peer.settle();
let done = 0;
let finished;
const all = new Promise((resolve) => (finished = resolve));
began = performance.now();
await peer.drain(() => ++done === jobs && finished());
await all;
while ((await peer.left()) > 0);
report(`drain of ${jobs} no-op jobs`, began, jobs);
process.exit(0);
