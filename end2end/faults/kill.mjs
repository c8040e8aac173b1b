// kill -9 of servers at random under a load of real functions: on SQLite one server, on Postgres two servers on one database.
// node end2end/faults/kill.mjs [--seconds 60] [--seed N]
import { parseArgs } from 'node:util';
import { Server } from '../lib/server.mjs';
import { Load, dice, endsWithUs, pause, processes, report } from './load.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const [roll, store] = [dice(seed), process.env.TASKYARD_STORE ?? 'sqlite'];
console.log(`kill test on ${store}: ${values.seconds} s, seed ${seed} (--seed repeats the order of the kills)`);

const args = ['--demo', '--stop-grace', '1'];
const servers = [endsWithUs(await Server.start({ args }))];
if (store === 'postgres') servers.push(endsWithUs(await Server.start({ args, database: servers[0].database })));
const load = new Load(servers, dice(seed + 1));
await load.run(8);
const until = Date.now() + Number(values.seconds) * 1_000;
let [kills, processesSeen] = [0, 0];
while (Date.now() < until) {
  await pause(500 + roll(3_000));
  const server = servers[roll(servers.length)];
  processesSeen = Math.max(processesSeen, processes(server).length);
  await server.kill();
  kills += 1;
  await pause(roll(1_500));
  await server.launch();
}
const settled = await load.settle();
console.log(`${kills} kills, ${load.summary()}; ended ${settled} ms after the load`);
const broken = await load.broken();
for (const server of servers) await server.stop();
for (const server of servers) if (processes(server).length) broken.push(`processes of functions are left: ${processes(server)}`);
if (!processesSeen) broken.push('no process of a function was ever seen: the look for them is wrong');
if (!load.duplicates || kills < 3) broken.push('too little happened to say anything');
report('kill test', broken);
