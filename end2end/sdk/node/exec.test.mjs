// The vendor's legacy SDK for Node.js, unmodified: which instances there are, and commands in them over its websocket (fc-api.md 3.6,
// 3.6.1). It sends binary frames as they are given to it, so the caller puts the channel's byte in front; what it has no way for is a
// command's exit status, which the protocol does not carry.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import FC from '@alicloud/fc2';
import { ACCOUNT, ADDRESS, KEY, becomes, code, unique, waitFor } from './cloud.mjs';

const connect = (key = KEY) => new FC(ACCOUNT, { accessKeyID: key.id, accessKeySecret: key.secret, region: 'any', endpoint: `http://${ADDRESS}` });

const client = connect();
const service = unique('exec-js');
const [FUNCTION, JOB] = ['naps', 'job'];
const [STDIN, RESIZE] = [0, 4];
// Code of a connection that both sides have closed, without one of their own.
const CLOSED = 1005;
const task = `/services/${service}.LATEST/functions/${FUNCTION}/stateful-async-invocations`;
const read = (id) => async () => (await client.get(`${task}/${id}`)).data;

// A task that runs; gives its instance.
async function run(id) {
  await client.invokeFunction(service, FUNCTION, '600', { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-id': id });
  return (await waitFor(read(id), 'Running')).instanceId;
}

async function stop(id) {
  await client.put(`${task}/${id}`);
  await waitFor(read(id), 'Stopped');
}

const instances = async (options) => (await client.listInstances(service, FUNCTION, 'LATEST', options)).data.instances;

// A session and what has come of it; `end` is its close code.
async function open(id, options = {}, { qualifier = 'LATEST', by = client } = {}) {
  const heard = { out: '', err: '', errors: [] };
  heard.end = new Promise((resolve) => (heard.close = resolve));
  heard.session = await by.instanceExec(service, FUNCTION, qualifier, id, options, {
    onStdout: (data) => (heard.out += data),
    onStderr: (data) => (heard.err += data),
    onError: (error) => heard.errors.push(error.message),
    onClose: heard.close,
  });
  return heard;
}

async function begin(...place) {
  const heard = await open(...place);
  await once(heard.session.websocket, 'open');
  return heard;
}

const said = (heard, words, stream = 'out') => becomes(`${JSON.stringify(words)} of ${stream}`, () => heard[stream].includes(words));
const sendOn = (heard, channel, text) => heard.session.sendMessage(Buffer.from([channel, ...Buffer.from(text)]));

// Processes of this machine that have the word among their arguments.
function survivors(word) {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word);
    } catch {
      return false; // it ended meanwhile
    }
  });
}

describe('commands in an instance', () => {
  let instance;

  before(async () => {
    await client.createService(service);
    await client.createFunction(service, { functionName: FUNCTION, runtime: 'python3', handler: 'index.nap', timeout: 900, code: { zipFile: code('python3') } });
    await client.putFunctionAsyncConfig(service, FUNCTION, 'LATEST', { statefulInvocation: true });
    instance = await run(JOB);
  });

  after(() => stop(JOB));

  test('i4_7 the instance of a running task is listed', async () => {
    const [listed] = await instances();
    assert.deepEqual([listed.instanceId, listed.versionId], [instance, 0]);
    assert.equal((await instances({ instanceIds: [instance, 'c-none'], limit: 5 })).length, 1);
    assert.deepEqual(await instances({ instanceIds: ['c-none'] }), []);
    assert.equal((await client.listInstances(service, FUNCTION)).data.instances.length, 1);
  });

  test('i4_7 a shell takes binary frames, and says how its commands ended', async () => {
    const shell = await begin(instance);
    sendOn(shell, STDIN, 'echo o""k; sh -c "exit 7"; echo status:$?\n');
    await said(shell, 'ok\r\n');
    await said(shell, 'status:7\r\n');
    sendOn(shell, STDIN, 'exit\n');
    assert.deepEqual([await shell.end, shell.errors], [1000, []]);
    assert.equal((await read(JOB)()).status, 'Running', 'the task goes on');
  });

  test('i4_7 texts, and messages without the channel, are input too', async () => {
    const shell = await begin(instance, { command: '/bin/cat', tty: false });
    shell.session.websocket.send('\0grüße ✓\n');
    shell.session.sendMessage(Buffer.from('bare\n'));
    await said(shell, 'grüße ✓\nbare\n');
    assert.throws(() => shell.session.sendMessage('text'), /Uint8Array/);
    shell.session.close();
    assert.equal(await shell.end, CLOSED);
  });

  test('i4_7 arguments and streams without a terminal', async () => {
    const command = ['/bin/sh', '-c', 'read line; echo got:$line; echo oops >&2; exit 3'];
    const heard = await begin(instance, { command, tty: false, stderr: true });
    sendOn(heard, STDIN, 'line\n');
    assert.deepEqual([await heard.end, heard.out, heard.err, heard.errors], [1000, 'got:line\n', 'oops\n', []]);
    const silent = await begin(instance, { command: ['/bin/sh', '-c', 'echo hidden; echo shown >&2'], tty: false, stdout: false, stderr: true });
    assert.deepEqual([await silent.end, silent.out, silent.err], [1000, '', 'shown\n']);
  });

  test('i4_7 another size of the terminal', async () => {
    const shell = await begin(instance, { command: '/bin/sh' });
    sendOn(shell, STDIN, 'stty size\n');
    await said(shell, '24 80\r\n');
    sendOn(shell, RESIZE, '{"cols":101,"rows":33}');
    sendOn(shell, STDIN, 'stty size\n');
    await said(shell, '33 101\r\n');
    shell.session.close();
    assert.equal(await shell.end, CLOSED);
  });

  test('i4_7 nothing of a session outlives it', async () => {
    const mark = `mark-${randomBytes(8).toString('hex')}`;
    const shell = await begin(instance);
    sendOn(shell, STDIN, `sh -c 'sleep 600; :' ${mark} & setsid sh -c 'sleep 600; :' ${mark} & disown -a; echo beg""un\n`);
    await said(shell, 'begun');
    await becomes('both processes', () => survivors(mark).length >= 2);
    shell.session.close();
    assert.equal(await shell.end, CLOSED);
    await becomes('their end', () => survivors(mark).length === 0);
    assert.equal((await read(JOB)()).status, 'Running', 'the task goes on');
  });

  test('i4_7 a session ends when nothing is said, whatever the client pings', async () => {
    const quiet = await begin(instance, { command: ['/bin/sleep', '600'], idleTimeout: 1 });
    assert.equal(await quiet.end, 1000);
  });

  test('i4_7 a session ends with its instance, and an ended instance refuses', async () => {
    const ending = await run('ending');
    const shell = await begin(ending);
    await stop('ending');
    assert.equal(await shell.end, 1001);
    await refused([ending], /released|does not exist/);
  });

  test('i4_7 what is wrong is refused in words', async () => {
    await refused(['c-none'], /c-none/);
    await refused([instance, {}, { qualifier: '1' }], /does not exist/);
    await refused([instance, { tty: 'perhaps' }], /perhaps/);
    await refused([instance, { command: '/bin/nothere' }], /nothere/);
    await refused([instance, {}, { by: connect({ ...KEY, secret: 'wrong' }) }], /signature/i);
  });

  // The client tells the answer's words first, and then that it has given up.
  async function refused(place, words) {
    const heard = await open(...place);
    await heard.end;
    assert.match(heard.errors[0], words);
  }
});
