// Logs of a real server: seen live by server-sent events, resumed, downloaded, and what is left of them when the server is killed while a task writes.
import { Api } from '../lib/api.mjs';
import { REGIONS, Server, signIn } from '../lib/server.mjs';
import { endsWithUs, pause, report } from './load.mjs';

const [SERVICE, SLOW] = ['demo', 'ev-slow'];
const broken = [];
const server = endsWithUs(await Server.start({ args: ['--demo', '--stop-grace', '1'] }));
const api = new Api(server.url);
let cookie = await signIn(server.url);
const scope = { region: REGIONS[0], service: SERVICE, function: SLOW };

async function until(what, ms, holds) {
  const began = Date.now();
  while (!(await holds())) {
    if (Date.now() - began > ms) return broken.push(`${what}: not within ${ms} ms`);
    await pause(10);
  }
}

// Messages of a stream as they come.
async function live(query, lastEventId) {
  const headers = { cookie, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) };
  const answer = await fetch(`${server.url}/console/live-log?${new URLSearchParams(query)}`, { headers });
  if (answer.status !== 200) throw new Error(`no live log: ${answer.status} ${await answer.text()}`);
  const stream = { lines: [], ended: false };
  const read = async () => {
    let text = '';
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      text += part;
      const messages = text.split('\n\n');
      text = messages.pop();
      for (const message of messages) {
        const field = (name) => message.split('\n').find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim();
        if (field('event') === 'end') stream.ended = true;
        else if (field('data')) stream.lines.push({ id: field('id'), ...JSON.parse(field('data')) });
      }
    }
  };
  read().catch(() => {});
  return stream;
}

async function download(query) {
  const answer = await fetch(`${server.url}/console/log?${new URLSearchParams(query)}`, { headers: { cookie } });
  if (answer.status !== 200) throw new Error(`no download: ${answer.status} ${await answer.text()}`);
  return { name: answer.headers.get('content-disposition'), lines: (await answer.text()).split('\n').slice(0, -1) };
}

const texts = (stream) => stream.lines.map((line) => line.text);
const ofFunction = await live(scope);
await api.submit(SERVICE, SLOW, 'job', '{"seconds":3}');
const ofTask = await live({ ...scope, task: 'job' });
await until('lines are seen while the task runs', 10_000, () => ofTask.lines.length >= 4);
if (ofTask.ended) broken.push('the stream of a running task ended');
// The demo's own task of the function writes too.
const { requestId } = await api.task(SERVICE, SLOW, 'job');
const ofJob = () => ofFunction.lines.filter((line) => line.requestId === requestId).map((line) => line.text);
const resumed = await live({ ...scope, task: 'job' }, '1');
await until('the streams of the task end with it', 15_000, () => ofTask.ended && resumed.ended);
if (ofTask.lines.some((line, n) => line.number !== n)) broken.push('lines are missing from the stream');
if (resumed.lines[0]?.number !== 2) broken.push(`a resumed stream begins with line ${resumed.lines[0]?.number}`);
if (texts(resumed).join('\n') !== texts(ofTask).slice(2).join('\n')) broken.push('a resumed stream has other lines');
await until("the function's stream has them too", 5_000, () => ofJob().length >= ofTask.lines.length);
if (ofJob().join('\n') !== texts(ofTask).join('\n')) broken.push(`the function's stream has other lines:\n${ofJob().join('\n')}`);
if (ofJob().length === ofFunction.lines.length) broken.push("the function's stream has no other task's lines");
const file = await download({ ...scope, task: 'job' });
if (!file.name?.includes('job.log')) broken.push(`the file is named ${file.name}`);
if (file.lines.length !== ofTask.lines.length || !file.lines.every((line, n) => line.endsWith(` ${ofTask.lines[n].stream} ${ofTask.lines[n].text}`)))
  broken.push('the file is not what was seen');
const found = await download({ ...scope, requestId, text: 'FC INVOKE', format: 'jsonl' });
if (found.lines.map((line) => JSON.parse(line).text.slice(0, 9)).join() !== 'FC Invoke,FC Invoke') broken.push(`found: ${found.lines}`);
for (const [query, status] of [[{ ...scope, task: 'nothere' }, 404], [{ ...scope, level: 'LOUD' }, 400]]) {
  const answer = await fetch(`${server.url}/console/log?${new URLSearchParams(query)}`, { headers: { cookie } });
  if (answer.status !== status) broken.push(`${JSON.stringify(query)} was answered ${answer.status}`);
}
// The pages as the server draws them, without scripts.
const page = async (path) => (await (await fetch(server.url + path, { headers: { cookie, accept: 'text/html' } })).text()).replace(/<!(--.*?--)?>/g, '');
const shown = (html) => [...html.matchAll(/<li[^>]*border-l-3[^>]*>.*?<span class="min-w-0[^>]*>(.*?)<\/span>/gs)].map(([, text]) => text.replace(/<\/?mark[^>]*>/g, ''));
const ofPage = `/${REGIONS[0]}/services/${SERVICE}/functions/${SLOW}`;
for (const [path, wanted] of [
  [`${ofPage}/tasks/job`, texts(ofTask)],
  [`${ofPage}/tasks/job?log_text=SLEPT+1`, texts(ofTask).filter((text) => text.includes('slept 1'))],
  [`${ofPage}/tasks/job?log_level=ERROR`, []],
  [`${ofPage}/logs?requestId=${requestId}`, texts(ofTask)],
  [`${ofPage}/logs?requestId=${requestId}&text=invoke&minutes=60`, texts(ofTask).filter((text) => text.includes('Invoke'))],
]) {
  const html = await page(path);
  if (shown(html).join('\n') !== wanted.join('\n')) broken.push(`${path} shows:\n${shown(html).join('\n')}`);
  if (!html.includes('/console/log?')) broken.push(`${path} offers no download`);
}
const unsigned = await fetch(`${server.url}/console/live-log?${new URLSearchParams(scope)}`);
if (unsigned.status !== 401) broken.push(`a stream without a session was answered ${unsigned.status}`);

// What was seen was stored, so it is there after a kill.
await api.submit(SERVICE, SLOW, 'killed', '{"seconds":60}');
const before = await live({ ...scope, task: 'killed' });
await until('lines are seen before the kill', 10_000, () => before.lines.length >= 6);
await server.kill();
const seen = texts(before);
await server.launch();
cookie = await signIn(server.url);
const after = await download({ ...scope, task: 'killed', format: 'jsonl' });
const kept = after.lines.map((line) => JSON.parse(line).text);
if (seen.some((text, n) => kept[n] !== text)) broken.push(`of ${seen.length} lines seen before the kill, the log has:\n${kept.join('\n')}`);
await api.stop(SERVICE, SLOW, 'killed');
await server.stop();
report('logs', broken);
