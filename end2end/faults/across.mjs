// Two servers on one Postgres: what is asked at the one that does not run the task (stop, live updates, growth of the log), and what becomes of tasks
// whose server is told to end, or dies.
import { Api } from '../lib/api.mjs';
import { REGIONS, Server, signIn } from '../lib/server.mjs';
import { endsWithUs, pause, report } from './load.mjs';

const [SERVICE, SLOW] = ['demo', 'ev-slow'];
const STOP_MS_MAX = 1_500;
const HANDOVER_MS_MAX = 10_000;
const GIVEN_BACK_MS_MAX = 2_000;
// The drain's and the stop's grace are a second each below.
const DRAIN_MS_MAX = 3_000;

const broken = [];
const told = {};
const start = (args, database) => Server.start({ args, ...(database ? { database } : {}) });
// The first has one slot and fills it for as long as all this takes, so that the others run the rest.
const asked = endsWithUs(await start(['--demo', '--max-tasks', '1', '--stop-grace', '1']));
const api = new Api(asked.url);
const status = async (id) => (await api.task(SERVICE, SLOW, id)).status;
await api.submit(SERVICE, SLOW, 'fills', '{"seconds":300}');
await until('the first server is full', 60_000, async () => (await status('fills')) === 'Running');
const runs = endsWithUs(await start(['--stop-grace', '1', '--drain-timeout', '1'], asked.database));

async function until(what, ms, holds) {
  const began = Date.now();
  while (!(await holds())) {
    if (Date.now() - began > ms) {
      broken.push(`${what}: not within ${ms} ms`);
      return ms;
    }
    await pause(10);
  }
  return Date.now() - began;
}

// Events of a live stream, as they come.
async function live(server, cookie, scope) {
  const answer = await fetch(`${server.url}/console/live?${new URLSearchParams(scope)}`, { headers: { cookie } });
  if (answer.status !== 200) throw new Error(`no live stream: ${answer.status}`);
  const seen = [];
  const read = async () => {
    let text = '';
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      text += part;
      const lines = text.split('\n');
      text = lines.pop();
      for (const line of lines) if (line.startsWith('data:')) seen.push({ at: Date.now(), ...JSON.parse(line.slice(5)) });
    }
  };
  read().catch(() => {});
  return seen;
}

const scope = { region: REGIONS[0], service: SERVICE, function: SLOW };
const cookie = await signIn(asked.url);
const seen = await live(asked, cookie, scope);
await api.submit(SERVICE, SLOW, 'job', '{"seconds":60}');
told.started = await until('a submission at the full server runs elsewhere', 5_000, async () => (await status('job')) === 'Running');
await until('the start is seen live at the other server', 2_000, () => seen.some((change) => change.task === 'job' && change.status === 'Running'));
const grown = () => seen.filter((change) => change.task === 'job' && change.status === 'Running').length;
const before = grown();
await until('the log is seen to grow at the other server', 5_000, () => grown() > before);
const began = Date.now();
const stop = await api.stop(SERVICE, SLOW, 'job');
if (stop.status !== 200) broken.push(`the stop was answered ${stop.status}: ${stop.body}`);
await until('the stopped task has ended', STOP_MS_MAX, async () => (await status('job')) === 'Stopped');
told.stopped = Date.now() - began;
await until('the end is seen live at the other server', 2_000, () => seen.some((change) => change.task === 'job' && change.status === 'Stopped'));

// Told to end: what is in hand after the grace is given back, and another server takes it at once.
await api.submit(SERVICE, SLOW, 'moved', '{"seconds":60}');
await until('a task runs at the only server with a free slot', 5_000, async () => (await status('moved')) === 'Running');
const heir = endsWithUs(await start(['--stop-grace', '1'], asked.database));
const begun = async () => (await api.task(SERVICE, SLOW, 'moved')).events.filter((event) => event.status === 'Running').length;
const asksToEnd = Date.now();
await runs.stop();
told.drained = Date.now() - asksToEnd;
if (told.drained > DRAIN_MS_MAX) broken.push(`the server took ${told.drained} ms to end`);
told.moved = await until('a task given back runs elsewhere', GIVEN_BACK_MS_MAX, async () => (await begun()) === 2);

// Dies: its tasks run elsewhere when its lease has passed.
const last = endsWithUs(await start(['--stop-grace', '1'], asked.database));
await heir.kill();
const died = Date.now();
await until('a task of the dead server runs elsewhere', HANDOVER_MS_MAX, async () => (await begun()) === 3);
told.handedOver = Date.now() - died;
const { events, alreadyRetriedTimes } = await api.task(SERVICE, SLOW, 'moved');
if (alreadyRetriedTimes !== 0) broken.push(`moving a task was counted as ${alreadyRetriedTimes} retries: ${events.map((event) => event.status).join(' ')}`);
await api.stop(SERVICE, SLOW, 'moved');
await last.stop();
await asked.kill();
console.log(`several servers on one Postgres, in ms: ${JSON.stringify(told)}`);
report('across servers', broken);
