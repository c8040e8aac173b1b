// A load of real functions on servers that come and go, and the laws that must hold when it is over (issue 3, product.md 4).
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Api } from '../lib/api.mjs';

const SERVICE = 'demo';
const SETTLE_MS_MAX = 120_000;
const CALL_MS_MAX = 30_000;

// Every step that a history may take (product.md 3, fc-api.md 4.1). Written out, not derived: this is the test.
const STEPS = {
  Enqueued: ['Processed', 'Stopped', 'Expired', 'Invalid'],
  Processed: ['Running', 'Stopped', 'Expired', 'Invalid'],
  Running: ['Succeeded', 'Failed', 'Retrying', 'Stopping'],
  Retrying: ['Running', 'Failed', 'Stopped', 'Invalid'],
  Stopping: ['Stopped'],
  Succeeded: [],
  Failed: [],
  Stopped: [],
  Expired: [],
  Invalid: [],
};

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Numbers from a seed (mulberry32), so that a schedule can be had again.
export function dice(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const KINDS = [
  { fn: 'ev-hello', event: () => '{"name":"load"}', end: 'Succeeded', retried: 0 },
  { fn: 'ev-hello', event: () => '{}', end: 'Succeeded', retried: 0, delay: (roll) => 1 + roll(4) },
  { fn: 'ev-slow', event: (roll) => `{"seconds":${(1 + roll(20)) / 10}}`, end: 'Succeeded', retried: 0 },
  { fn: 'ev-slow', event: () => '{"seconds":30}', end: 'Stopped', retried: 0, stop: true },
  { fn: 'ev-flaky', event: () => '{"failures":1}', end: 'Succeeded', retried: 1 },
  { fn: 'ev-fail', event: () => '{}', end: 'Failed', retried: 3 },
];

export class Load {
  // servers: those to ask, dead ones included; roll: from `dice`.
  constructor(servers, roll) {
    this.servers = servers;
    this.apis = servers.map((server) => new Api(server.url));
    this.roll = roll;
    this.accepted = new Map();
    // Submitted, and not known whether they were stored.
    this.doubtful = new Set();
    this.answers = {};
    this.duplicates = 0;
    this.problems = [];
    this.next = 0;
    this.going = true;
  }

  api() {
    return this.apis[this.roll(this.apis.length)];
  }

  // Asks any server; the status, or 0 when none answered.
  async ask(call) {
    const late = pause(CALL_MS_MAX).then(() => ({ status: -1, body: '' }));
    const answer = await Promise.race([call(this.api()).catch(() => ({ status: 0, body: '' })), late]);
    this.answers[answer.status] = (this.answers[answer.status] ?? 0) + 1;
    if (answer.status === -1) this.problems.push(`no answer within ${CALL_MS_MAX} ms`);
    if (answer.status === 503 && JSON.parse(answer.body).Code !== 'ServiceUnavailable') this.problems.push(`a 503 with ${answer.body}`);
    if (![-1, 0, 200, 202, 400, 404, 409, 503].includes(answer.status)) this.problems.push(`answered ${answer.status}: ${answer.body}`);
    return answer.status;
  }

  // Submits one task until it is certain that it is stored, then sometimes once more, then stops it if it is one to stop.
  async one() {
    const kind = KINDS[this.roll(KINDS.length)];
    const id = `t-${this.next++}`;
    const [event, delay] = [kind.event(this.roll), kind.delay?.(this.roll)];
    const submit = () => this.ask((api) => api.submit(SERVICE, kind.fn, id, event, delay ? { 'x-fc-async-delay': String(delay) } : {}));
    let status = await submit();
    let isUncertain = false;
    while (status !== 202 && !(status === 409 && isUncertain)) {
      if (status !== 0 && status !== 503) return this.problems.push(`${id} was refused with ${status}`);
      if (!this.going) return this.doubtful.add(id);
      isUncertain = true;
      await pause(50);
      status = await submit();
    }
    this.accepted.set(id, kind);
    if (this.roll(4) === 0) {
      const again = await submit();
      if (again === 409) this.duplicates += 1;
      else if (again !== 0 && again !== 503) this.problems.push(`${id} was accepted and then answered ${again}`);
    }
    if (kind.stop) await this.stopped(kind.fn, id);
  }

  async stopped(fn, id) {
    for (let isUncertain = false; ; isUncertain = true) {
      const status = await this.ask((api) => api.stop(SERVICE, fn, id));
      // A stop whose answer was lost may have been done: then the task has ended.
      if (status === 200 || (status === 400 && isUncertain)) return;
      if (![0, 503].includes(status)) return this.problems.push(`the stop of ${id} was answered ${status}`);
      await pause(50);
    }
  }

  async run(clients) {
    const client = async () => {
      while (this.going) {
        await this.one();
        await pause(this.roll(20));
      }
    };
    this.clients = Promise.all(Array.from({ length: clients }, client));
  }

  // Ends the load and returns when every task of it has ended; all servers have to be there.
  async settle() {
    this.going = false;
    await this.clients;
    const began = Date.now();
    for (;;) {
      const waiting = (await this.tasks()).filter((task) => STEPS[task.status].length);
      if (!waiting.length) break;
      if (Date.now() - began > SETTLE_MS_MAX) {
        const some = waiting.slice(0, 5).map((task) => `${task.functionName}/${task.invocationId} ${task.status}`);
        throw new Error(`${waiting.length} tasks have not ended after ${SETTLE_MS_MAX} ms: ${some.join(', ')}`);
      }
      await pause(250);
    }
    return Date.now() - began;
  }

  async tasks() {
    const lists = await Promise.all([...new Set(KINDS.map((kind) => kind.fn))].map((fn) => this.apis[0].tasks(SERVICE, fn)));
    return lists.flat();
  }

  // Every law that is broken, in words.
  async broken() {
    const broken = [...this.problems];
    const seen = new Map();
    for (const task of await this.tasks()) {
      const name = `${task.functionName}/${task.invocationId}`;
      if (seen.has(name)) broken.push(`${name} is listed twice`);
      seen.set(name, task);
      const words = task.events.map((event) => event.status);
      const isLegal = words[0] === 'Enqueued' && words.every((word, n) => n === 0 || STEPS[words[n - 1]].includes(word));
      if (!isLegal || words.at(-1) !== task.status || STEPS[task.status].length) broken.push(`${name} is ${task.status} by ${words.join(' ')}`);
      if (task.events.some((event, n) => event.eventId !== n + 1)) broken.push(`${name} has events ${task.events.map((event) => event.eventId)}`);
      const kind = this.accepted.get(task.invocationId);
      if (!kind) {
        // The demo's own first tasks are not of the load, and of some it is not known whether they were stored.
        if (task.invocationId.startsWith('t-') && !this.doubtful.has(task.invocationId)) broken.push(`${name} was never submitted`);
        continue;
      }
      // A stop that came after an accepted task's end by itself is refused, so each has the end of its kind.
      if (task.status !== kind.end) broken.push(`${name} ended as ${task.status}, not as ${kind.end}: ${words.join(' ')}`);
      else if (!kind.stop && task.alreadyRetriedTimes !== kind.retried) broken.push(`${name} was retried ${task.alreadyRetriedTimes} times`);
      if (kind.end === 'Succeeded' && words.filter((word) => word === 'Succeeded').length !== 1) broken.push(`${name} succeeded twice`);
    }
    for (const [id, kind] of this.accepted) if (!seen.has(`${kind.fn}/${id}`)) broken.push(`${kind.fn}/${id} was accepted and is lost`);
    return [...broken, ...this.miscounted([...seen.values()])];
  }

  // Counters against what is listed.
  miscounted(tasks) {
    const counted = {};
    for (const task of tasks) counted[`${task.functionName} ${task.status}`] = (counted[`${task.functionName} ${task.status}`] ?? 0) + 1;
    const kept = Object.fromEntries(counters(this.servers[0]));
    const names = [...new Set([...Object.keys(counted), ...Object.keys(kept)])];
    return names.filter((name) => (counted[name] ?? 0) !== (kept[name] ?? 0)).map((name) => `${name}: counted ${kept[name]}, listed ${counted[name]}`);
  }

  summary() {
    const answers = Object.entries(this.answers).map(([status, count]) => `${status}: ${count}`);
    return `${this.accepted.size} accepted, ${this.duplicates} duplicates refused, answers ${answers.join(', ')} (0: none)`;
  }
}

const COUNTERS = "select function || ' ' || status, sum(count) from task_count where listed = 1 group by function, status having sum(count) <> 0";

function counters(server) {
  const read = 'import sqlite3, sys\nfor row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print("%s|%d" % row)';
  const psql = process.env.TASKYARD_PG_BIN ? join(process.env.TASKYARD_PG_BIN, 'psql') : 'psql';
  const lines = server.database
    ? execFileSync(psql, [server.database, '-Atc', COUNTERS])
    : execFileSync('python3', ['-c', read, join(server.env.TASKYARD_DATA_DIR, 'taskyard.db'), COUNTERS]);
  return lines.toString().trim().split('\n').filter(Boolean).map((line) => line.split('|')).map(([name, count]) => [name, Number(count)]);
}

// Processes of a server's functions: those that carry its data folder's id, and what works in its folder besides the server itself.
// A contained function sees no path of the server's, so nothing else of it tells whose it is.
export function processes(server) {
  server.owner ??= readFileSync(join(server.env.TASKYARD_DATA_DIR, 'owner'), 'utf8').trim();
  const traces = [['cmdline', server.dir], ['environ', `TASKYARD_OWNER=${server.owner}`]];
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === server.process.pid) return false;
    try {
      return readlinkSync(`/proc/${pid}/cwd`).includes(server.dir) || traces.some(([file, text]) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(text));
    } catch {
      return false;
    }
  });
}

// A server that does not outlive a test that fails.
export function endsWithUs(server) {
  process.on('exit', () => server.process.exitCode === null && server.process.kill('SIGKILL'));
  return server;
}

// Ends with an error that names what is broken.
export function report(what, broken) {
  if (!broken.length) return;
  throw new Error(`${what}: ${broken.length} broken laws\n${broken.slice(0, 20).join('\n')}`);
}
