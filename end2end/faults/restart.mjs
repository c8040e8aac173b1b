// Postgres is restarted as after a crash, twice, under a load on two servers: submissions meanwhile get a clear 503, nothing accepted is
// lost, and it works again by itself.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Api } from '../lib/api.mjs';
import { Server } from '../lib/server.mjs';
import { Load, dice, endsWithUs, pause, report } from './load.mjs';

const RESTARTS = 2;
const WORKS_MS_MAX = 10_000;

const args = ['--demo', '--stop-grace', '1'];
const servers = [endsWithUs(await Server.start({ args }))];
servers.push(endsWithUs(await Server.start({ args, database: servers[0].database })));
const load = new Load(servers, dice(1));
await load.run(8);
const again = [];
for (let n = 0; n < RESTARTS; n++) {
  await pause(3_000);
  await promisify(execFile)('.ci/postgres', ['crash', process.env.TASKYARD_PG_DIR]);
  const began = Date.now();
  for (const server of servers) {
    const api = new Api(server.url);
    while ((await api.submit('demo', 'ev-hello', undefined, '{}')).status !== 202) {
      if (Date.now() - began > WORKS_MS_MAX) throw new Error(`${server.url} does not work ${WORKS_MS_MAX} ms after the restart:\n${server.log()}`);
      await pause(20);
    }
  }
  again.push(Date.now() - began);
}
await pause(3_000);
const settled = await load.settle();
console.log(`${RESTARTS} restarts of Postgres, works again after ${again} ms; ${load.summary()}; ended ${settled} ms after the load`);
const broken = await load.broken();
for (const server of servers) await server.stop();
if (!load.answers[503]) broken.push('no submission was answered 503: the restarts were not seen');
if (load.answers[0]) broken.push(`${load.answers[0]} calls got no answer, though no server ended`);
report('restart of Postgres', broken);
