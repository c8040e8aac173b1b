// The vendor's legacy SDK for Node.js, unmodified.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, test } from 'node:test';
import FC from '@alicloud/fc2';
import { ACCOUNT, ADDRESS, KEY, code, everything, states, unique, waitFor } from './cloud.mjs';

const connect = ({ key = KEY, account = ACCOUNT, ...more } = {}) =>
  new FC(account, { accessKeyID: key.id, accessKeySecret: key.secret, region: 'any', endpoint: `http://${ADDRESS}`, ...more });

const client = connect();
const service = unique('old-js');

before(() => client.createService(service));

// Insists on this refusal, told as the client reads it.
async function refused(call, status, errorCode, part = '') {
  await assert.rejects(call, (error) => {
    assert.equal(error.code, errorCode, error.message);
    assert.equal(error.name, `FC${errorCode}Error`);
    assert.match(error.message, new RegExp(`failed with ${status}\\. requestid: [0-9a-f-]{36}, message: .*${part}`));
    return true;
  });
}

function makeFunction(name, handler, { runtime = 'nodejs20', ...more } = {}) {
  return client.createFunction(service, { functionName: name, runtime, handler, memorySize: 128, code: { zipFile: code(runtime) }, ...more });
}

const taskMode = (name, more = {}) => client.putFunctionAsyncConfig(service, name, 'LATEST', { statefulInvocation: true, ...more });

describe('services', () => {
  test('create, get, update, delete', async () => {
    const name = unique('old-js-life');
    const created = await client.createService(name, { description: 'grüße' });
    assert.equal(created.data.description, 'grüße');
    assert.ok(created.headers.etag);
    await refused(client.createService(name), 409, 'ServiceAlreadyExists');
    await refused(client.updateService(name, { description: 'x' }, { 'if-match': 'another' }), 412, 'PreconditionFailed');
    const updated = await client.updateService(name, { description: 'second' }, { 'if-match': created.headers.etag });
    assert.deepEqual((await client.getService(name)).data, updated.data);
    await client.deleteService(name);
    await refused(client.getService(name), 404, 'ServiceNotFound', name);
  });

  test('lists are paged and filtered by tag', async () => {
    const prefix = unique('oldjspage');
    const names = ['a', 'b', 'c'].map((letter) => `${prefix}-${letter}`);
    for (const name of names) await client.createService(name);
    const pages = await everything(async (nextToken) => {
      const { data } = await client.listServices({ limit: 2, prefix, nextToken });
      return [data.services.map((one) => one.serviceName), data.nextToken];
    });
    assert.deepEqual(pages, [names.slice(0, 2), names.slice(2)]);
    await client.tagResource(`services/${names[1]}`, { color: 'light blue' });
    const { data } = await client.listServices({ prefix, tags: { color: 'light blue' } });
    assert.deepEqual(data.services.map((one) => one.serviceName), [names[1]]);
  });

  test('tags and the account', async () => {
    const arn = `services/${service}`;
    const full = `acs:fc:cn-hangzhou:${ACCOUNT}:${arn}`;
    const tagged = await client.tagResource(arn, { k1: 'v1', k2: 'v2' });
    assert.equal(tagged.data.requestId, tagged.headers['x-fc-request-id']);
    assert.deepEqual((await client.getResourceTags({ resourceArn: arn })).data, { resourceArn: full, tags: { k1: 'v1', k2: 'v2' } });
    await client.untagResource(arn, ['k1']);
    assert.deepEqual((await client.getResourceTags({ resourceArn: full })).data.tags, { k2: 'v2' });
    await client.untagResource(arn, [], true);
    assert.deepEqual((await client.getResourceTags({ resourceArn: arn })).data.tags, {});
    assert.deepEqual((await client.getAccountSettings()).data, { availableAZs: ['cn-hangzhou-a'], defaultRole: '' });
    assert.deepEqual((await client.listReservedCapacities({ limit: 5 })).data.reservedCapacities, []);
  });
});

describe('layers', () => {
  test('publish, get, list, share, delete', async () => {
    const name = unique('layer');
    const { data: made } = await client.publishLayerVersion(name, { code: { zipFile: code('nodejs20') }, compatibleRuntime: ['nodejs20'] });
    assert.deepEqual([made.layerName, made.version, made.acl], [name, 1, '0']);
    const { data: found } = await client.getLayerVersion(name, 1);
    const answer = await fetch(found.code.location);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()).toString('base64'), code('nodejs20'));
    assert.equal((await client.getLayerVersionByArn(made.arn)).data.codeChecksum, found.codeChecksum);
    assert.deepEqual((await client.listLayerVersions(name, { limit: 1 })).data.nextVersion, 0);
    assert.deepEqual((await client.listLayers({ prefix: name })).data.layers.map((one) => one.version), [1]);
    await client.putLayerACL(name, { public: 'true' });
    assert.equal((await client.getLayerVersion(name, 1)).data.acl, '1');
    await client.deleteLayerVersion(name, 1);
    await refused(client.getLayerVersion(name, 1), 404, 'LayerVersionNotFound');
  });
});

describe('custom domains', () => {
  test('create, get, update, list, delete', async () => {
    const domain = `${unique('old')}.example.org`;
    await makeFunction('routed', 'index.echo');
    const routes = [{ path: '/*', serviceName: service, functionName: 'routed' }];
    const { data: made } = await client.createCustomDomain(domain, { protocol: 'HTTP', routeConfig: { routes } });
    assert.deepEqual([made.domainName, made.routeConfig.routes[0].qualifier], [domain, 'LATEST']);
    assert.deepEqual((await client.getCustomDomain(domain)).data, made);
    assert.equal((await client.updateCustomDomain(domain, { protocol: 'HTTP,HTTPS' })).data.protocol, 'HTTP,HTTPS');
    assert.deepEqual((await client.listCustomDomains({ prefix: domain })).data.customDomains.map((one) => one.domainName), [domain]);
    await client.deleteCustomDomain(domain);
    await refused(client.getCustomDomain(domain), 404, 'DomainNameNotFound');
  });
});

describe('callers', () => {
  test('who may call', async () => {
    await refused(connect({ key: { ...KEY, id: 'nobody' } }).listServices(), 403, 'InvalidAccessKeyID', 'nobody');
    await refused(connect({ key: { ...KEY, secret: 'wrong' } }).listServices(), 403, 'SignatureNotMatch');
    await refused(connect({ account: '2' }).listServices(), 403, 'AccessDenied', "'2'");
    await refused(connect({ headers: { date: 'Mon, 24 Nov 2025 12:00:00 GMT' } }).listServices(), 403, 'AccessDenied', 'window');
    await connect({ headers: { 'X-Fc-Trace-Id': 'trace', 'x-fc-date': new Date().toUTCString() } }).listServices();
  });

  test('what is not here says so', async () => {
    await refused(client.getTempBucketToken(), 400, 'PathNotSupported', 'object storage');
  });
});

describe('functions', () => {
  test('create, get, update, list, delete', async () => {
    const made = (await makeFunction('made', 'index.echo', { environmentVariables: { GREETING: 'hello' } })).data;
    assert.deepEqual((await client.getFunction(service, 'made', {}, 'LATEST')).data, made);
    const { data: updated } = await client.updateFunction(service, 'made', { timeout: '9', instanceConcurrency: 2 });
    assert.deepEqual([updated.timeout, updated.instanceConcurrency, updated.environmentVariables], [9, 2, { GREETING: 'hello' }]);
    const { data: listed } = await client.listFunctions(service, { prefix: 'made', limit: 5 });
    assert.deepEqual(listed.functions.map((one) => one.functionName), ['made']);
    await client.deleteFunction(service, 'made');
    await refused(client.getFunction(service, 'made'), 404, 'FunctionNotFound');
    await refused(makeFunction('bad', 'index.echo', { runtime: 'nodejs99' }), 400, 'InvalidArgument', 'Runtime is set to an invalid value');
  });

  test('code comes back, at an address that leads here', async () => {
    const { data: made } = await makeFunction('coded', 'index.echo');
    const { data } = await client.getFunctionCode(service, 'coded');
    assert.equal(data.checksum, made.codeChecksum);
    const answer = await fetch(data.url);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()).toString('base64'), code('nodejs20'));
  });

  test('triggers are objects', async () => {
    await makeFunction('timed', 'index.echo');
    const triggerConfig = { cronExpression: '@every 60m', enable: false, payload: 'p' };
    const { data: made } = await client.createTrigger(service, 'timed', { triggerName: 't', triggerType: 'timer', triggerConfig });
    assert.deepEqual([made.triggerConfig, made.qualifier], [triggerConfig, 'LATEST']);
    const { data: updated } = await client.updateTrigger(service, 'timed', 't', { triggerConfig: { ...triggerConfig, payload: 'q' } });
    assert.equal(updated.triggerConfig.payload, 'q');
    assert.equal((await client.getTrigger(service, 'timed', 't')).data.triggerConfig.payload, 'q');
    assert.equal((await client.listTriggers(service, 'timed')).data.triggers.length, 1);
    await client.deleteTrigger(service, 'timed', 't');
    await refused(client.getTrigger(service, 'timed', 't'), 404, 'TriggerNotFound');
  });

  test('versions and aliases', async () => {
    await makeFunction('f', 'index.echo');
    const { data: first } = await client.publishVersion(service, 'first');
    assert.deepEqual([first.versionId, first.description], ['1', 'first']);
    await refused(client.publishVersion(service), 400, 'InvalidArgument');
    await client.updateFunction(service, 'f', { description: 'changed' });
    assert.equal((await client.publishVersion(service)).data.versionId, '2');
    const { data: listed } = await client.listVersions(service, { direction: 'FORWARD', limit: 1 });
    assert.deepEqual([listed.versions.map((one) => one.versionId), listed.nextToken], [['1'], '2']);
    assert.equal((await client.createAlias(service, 'prod', '1', { additionalVersionWeight: { 2: 0 } })).data.versionId, '1');
    assert.equal((await client.updateAlias(service, 'prod', '2', { additionalVersionWeight: {} })).data.versionId, '2');
    assert.deepEqual((await client.listAliases(service)).data.aliases.map((one) => one.aliasName), ['prod']);
    assert.equal((await client.getFunction(service, 'f', {}, 'prod')).data.description, 'changed');
    assert.equal((await client.invokeFunction(service, 'f', 'x', {}, 'prod')).data, 'x');
    await refused(client.deleteVersion(service, '2'), 409, 'QualifierInUse');
    await client.deleteAlias(service, 'prod');
    await client.deleteVersion(service, '2');
    await refused(client.getAlias(service, 'prod'), 404, 'AliasNotFound');
  });

  test('asynchronous configurations', async () => {
    await makeFunction('configured', 'index.echo');
    const destination = `acs:fc:::services/${service}/functions/other`;
    const sent = { maxAsyncRetryAttempts: 1, maxAsyncEventAgeInSeconds: 100, destinationConfig: { onFailure: { destination } } };
    const { data: put } = await client.putFunctionAsyncConfig(service, 'configured', 'LATEST', sent);
    assert.deepEqual([put.maxAsyncRetryAttempts, put.destinationConfig.onFailure.destination], [1, destination]);
    assert.deepEqual((await client.getFunctionAsyncConfig(service, 'configured', '')).data, put);
    assert.deepEqual((await client.listFunctionAsyncConfigs(service, 'configured')).data.configs, [put]);
    await client.deleteFunctionAsyncConfig(service, 'configured', 'LATEST');
    await refused(client.getFunctionAsyncConfig(service, 'configured', 'LATEST'), 404, 'AsyncConfigNotExists');
  });
});

describe('invocations', () => {
  test('payloads come back as they were sent', async () => {
    await makeFunction('echo', 'index.echo');
    const invoke = async (event, opts) => (await client.invokeFunction(service, 'echo', event, {}, 'LATEST', opts)).data;
    assert.equal(await invoke('grüße ✓'), 'grüße ✓');
    assert.equal(await invoke('{"n": 1}'), '{"n": 1}');
    assert.deepEqual(await invoke(Buffer.from([0, 255, 10]), { rawBuf: true }), Buffer.from([0, 255, 10]));
    assert.equal(await invoke(), '');
  });

  test('a failed function returns normally, with its error', async () => {
    await makeFunction('fails', 'index.reject');
    const answer = await client.invokeFunction(service, 'fails', 'x', { 'x-fc-log-type': 'Tail' });
    assert.equal(answer.headers['x-fc-error-type'], 'HandledInvocationError');
    assert.equal(JSON.parse(answer.data).errorMessage, 'no luck today');
    assert.match(Buffer.from(answer.headers['x-fc-log-result'], 'base64').toString(), /Memory Size: 128 MB/);
    await refused(client.invokeFunction(service, 'fails', 'x', { 'x-fc-log-type': 'Loud' }), 400, 'InvalidArgument', 'LogType');
    await refused(client.invokeFunction(service, 'nobody', 'x'), 404, 'FunctionNotFound');
  });

  test('a task from its submission to its end', async () => {
    await makeFunction('naps', 'index.nap', { runtime: 'python3' });
    await taskMode('naps');
    const submit = (event, id, more) =>
      client.invokeFunction(service, 'naps', event, { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-id': id, ...more });
    const path = `/services/${service}.LATEST/functions/naps/stateful-async-invocations`;
    const read = (id) => async () => (await client.get(`${path}/${id}`)).data;

    const accepted = await submit('0.01', 'job-1');
    assert.deepEqual([accepted.headers['x-fc-stateful-async-invocation-id'], accepted.data], ['job-1', '']);
    const task = await waitFor(read('job-1'), 'Succeeded');
    assert.deepEqual(states(task), ['Enqueued', 'Processed', 'Running', 'Succeeded']);
    assert.deepEqual([task.invocationPayload, task.returnPayload], ['0.01', 'rested']);
    await refused(submit('0', 'job-1'), 409, 'StatefulAsyncInvocationAlreadyExists');
    await refused(read('none')(), 404, 'StatefulAsyncInvocationNotFound');

    await submit('0', 'waits', { 'x-fc-async-delay': '3600' });
    assert.deepEqual((await client.put(`${path}/waits`)).data, {});
    assert.deepEqual(states(await waitFor(read('waits'), 'Stopped')), ['Enqueued', 'Stopped']);
    await submit('600', 'runs');
    await waitFor(read('runs'), 'Running');
    await client.put(`${path}/runs`);
    await waitFor(read('runs'), 'Stopped');
    await refused(client.put(`${path}/runs`), 400, 'InvalidArgument');

    const pages = await everything(async (nextToken) => {
      const { data } = await client.get(path, { limit: 2, sortOrderByTime: 'asc', includePayload: true, nextToken });
      return [data.invocations.map((one) => one.invocationId), data.nextToken];
    });
    assert.deepEqual(pages.flat().sort(), ['job-1', 'runs', 'waits']);
    assert.equal(pages.length, 2);
    const { data } = await client.get('/stateful-async-invocation-functions', { limit: 100 });
    assert.ok(data.data.some((one) => one.serviceName === service && one.functionName === 'naps'));
  });
});

describe('HTTP functions', () => {
  const web = (authType) => ({ triggerName: 'web', triggerType: 'http', triggerConfig: { authType, methods: ['GET', 'POST'] } });

  test('are called by their path', async () => {
    await makeFunction('page', 'index.web');
    const { data: made } = await client.createTrigger(service, 'page', web('function'));
    assert.equal(made.urlInternet, `http://${ADDRESS}/2016-08-15/proxy/${service}/page/`);
    const { data: text, headers } = await client.get(`/proxy/${service}.LATEST/page/a%20b`, { q: 'x y', n: 7, z: ['2', '1'] });
    const expected = { method: 'GET', path: '/a b', queries: { q: 'x y', n: '7', z: ['2', '1'] }, body: '', request: headers['x-fc-request-id'] };
    assert.deepEqual(JSON.parse(text), expected);
    const large = randomBytes(2 * 1024 * 1024);
    const echoed = await client.post(`/proxy/${service}/page/echo`, large, {}, {}, { rawBuf: true });
    assert.ok(large.equals(echoed.data));
    await assert.rejects(client.get(`/proxy/${service}/page/fail`), /failed with 502\..*no page today/);
    const path = `/proxy/${service}/page/`;
    await refused(connect({ key: { ...KEY, secret: 'wrong' } }).get(path), 403, 'SignatureNotMatch');
    assert.equal((await fetch(made.urlInternet)).status, 400);
    await client.updateTrigger(service, 'page', 'web', { triggerConfig: { authType: 'anonymous' } });
    assert.equal((await fetch(made.urlInternet)).status, 201);
  });

  test('an asynchronous call is a task', async () => {
    await makeFunction('later', 'index.web');
    await client.createTrigger(service, 'later', web('function'));
    await taskMode('later');
    const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-id': 'job-1' };
    const accepted = await client.post(`/proxy/${service}/later/page`, 'the body', headers);
    assert.deepEqual([accepted.headers['x-fc-stateful-async-invocation-id'], accepted.data], ['job-1', '']);
    const path = `/services/${service}/functions/later/stateful-async-invocations`;
    const task = await waitFor(async () => (await client.get(`${path}/job-1`)).data, 'Succeeded');
    assert.deepEqual(states(task), ['Enqueued', 'Processed', 'Running', 'Succeeded']);
    assert.deepEqual((await client.get(path)).data.invocations.map((one) => one.invocationId), ['job-1']);
  });
});
