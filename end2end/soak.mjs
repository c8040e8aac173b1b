// The soak of style.md B3: 16 clients load 2,000 console pages, two of five of them hang up in the middle. Leptos renders concurrently;
// what is looked for is a panic, an answer that never ends, and a page that is wrong.
import { Server, signIn, REGIONS } from './lib/server.mjs';
import { Api, load } from './lib/api.mjs';

const CLIENTS = 16;
const LOADS = 2_000;
const ANSWER_MS_MAX = 10_000;

const server = await Server.start();
let wrong = 0;
try {
  const api = new Api(server.url);
  await load(16, 200, (n) => api.submit('demo', n % 3 ? 'ev-hello' : 'ev-fail', `soak-${n}`, '{}'));
  const cookie = await signIn(server.url);
  const base = `/${REGIONS[0]}`;
  const pages = [
    [`${base}/tasks`, 'Task Execution Functions'],
    [`${base}/services/demo/functions/ev-hello/tasks`, 'soak-'],
    [`${base}/services/demo/functions/ev-hello/tasks?status=Succeeded`, 'Asynchronous Tasks'],
    [`${base}/services/demo/functions/ev-hello/tasks/soak-1`, 'Events'],
    [`${base}/services/demo/functions/ev-hello/async`, 'Asynchronous Policy'],
    [`${base}/create-task-function`, 'Create Function'],
    [`${base}/services`, 'Services'],
  ];
  let finished = 0;
  let hungUp = 0;
  const began = performance.now();
  await load(CLIENTS, LOADS, async (n) => {
    const [path, text] = pages[n % pages.length];
    const abort = new AbortController();
    // n decides, not chance: a failing run can be repeated.
    const hangUp = n % 5 < 2;
    if (hangUp) setTimeout(() => abort.abort(), (n * 7) % 13);
    const timeout = AbortSignal.timeout(ANSWER_MS_MAX);
    try {
      const answer = await fetch(server.url + path, { headers: { cookie }, signal: AbortSignal.any([abort.signal, timeout]) });
      const page = await answer.text();
      finished += 1;
      if (answer.status !== 200 || !page.includes(text) || !page.includes('</html>')) {
        wrong += 1;
        console.error(`wrong page: ${path}: ${answer.status}, ${page.length} bytes, '${text}' ${page.includes(text) ? 'found' : 'missing'}`);
      }
    } catch (error) {
      if (hangUp && abort.signal.aborted) hungUp += 1;
      else {
        wrong += 1;
        console.error(`no answer: ${path}: ${error}`);
      }
    }
  });
  const seconds = (performance.now() - began) / 1_000;
  console.log(`soak: ${LOADS} loads by ${CLIENTS} clients in ${seconds.toFixed(1)} s; ${finished} read, ${hungUp} hung up, ${wrong} wrong`);
  if (finished < LOADS / 2) throw new Error('too few pages were read to say anything');
} finally {
  await server.stop();
}
if (wrong) process.exit(1);
