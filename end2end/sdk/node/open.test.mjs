// The vendor's open SDK for Node.js, unmodified.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import sdk from '@alicloud/fc-open20210406';
import openApi from '@alicloud/openapi-client';
import teaUtil from '@alicloud/tea-util';
import { ACCOUNT, ADDRESS, KEY, code, everything, states, unique, waitFor } from './cloud.mjs';

const connect = (key = KEY) => {
  const config = { accessKeyId: key.id, accessKeySecret: key.secret, endpoint: ADDRESS, protocol: 'http', regionId: 'cn-hangzhou' };
  return new sdk.default(new openApi.Config(config));
};
// Both, or it gives up after 3 s.
const patient = () => new teaUtil.RuntimeOptions({ readTimeout: 60_000, connectTimeout: 60_000 });

const client = connect();
const service = unique('js');

// `make('CreateService', {…})` is the request of that operation; headers likewise.
const make = (operation, members = {}) => new sdk[`${operation}Request`](members);
const headers = (operation, members = {}) => new sdk[`${operation}Headers`](members);

// The members of an answer, without the class that holds them.
const plain = (body) => JSON.parse(JSON.stringify(body));

before(() => client.createService(make('CreateService', { serviceName: service })));

// Insists on this refusal, told as the client reads it.
async function refused(call, status, errorCode, part = '') {
  await assert.rejects(call, (error) => {
    assert.equal(error.code, errorCode, error.message);
    assert.match(error.message, new RegExp(`^${errorCode}: code: ${status}, .*${part}.* request id: [0-9a-f-]{36}`, 's'));
    assert.deepEqual([error.data.ErrorCode, error.data.RequestId.length], [errorCode, 36]);
    return true;
  });
}

function makeFunction(functionName, handler, { runtime = 'nodejs20', ...more } = {}) {
  const members = { functionName, runtime, handler, memorySize: 128, timeout: 60, code: new sdk.Code({ zipFile: code(runtime) }), ...more };
  return client.createFunction(service, make('CreateFunction', members));
}

const put = (name, members) => client.putFunctionAsyncInvokeConfig(service, name, make('PutFunctionAsyncInvokeConfig', members));

const invoke = (name, body, more = {}, qualifier = undefined) => {
  const request = make('InvokeFunction', { body: body === undefined ? undefined : Buffer.from(body), qualifier });
  return client.invokeFunctionWithOptions(service, name, request, headers('InvokeFunction', more), patient());
};

describe('services', () => {
  test('create, get, update, delete', async () => {
    const serviceName = unique('js-life');
    const created = await client.createService(make('CreateService', { serviceName, description: 'grüße', internetAccess: false }));
    assert.deepEqual([created.body.description, created.body.internetAccess], ['grüße', false]);
    await refused(client.createService(make('CreateService', { serviceName })), 409, 'ServiceAlreadyExists');
    const update = (ifMatch) => {
      const request = make('UpdateService', { description: 'second' });
      return client.updateServiceWithOptions(serviceName, request, headers('UpdateService', { ifMatch }), patient());
    };
    await refused(update('another'), 412, 'PreconditionFailed');
    const updated = await update(created.headers.etag);
    assert.deepEqual(plain((await client.getService(serviceName, make('GetService'))).body), plain(updated.body));
    assert.equal((await client.deleteService(serviceName)).statusCode, 204);
    await refused(client.getService(serviceName, make('GetService')), 404, 'ServiceNotFound', serviceName);
  });

  test('lists are paged', async () => {
    const prefix = unique('jspage');
    const names = ['a', 'b', 'c'].map((letter) => `${prefix}-${letter}`);
    for (const serviceName of names) await client.createService(make('CreateService', { serviceName }));
    const pages = await everything(async (nextToken) => {
      const { body } = await client.listServices(make('ListServices', { limit: 2, prefix, nextToken }));
      return [body.services.map((one) => one.serviceName), body.nextToken];
    });
    assert.deepEqual(pages, [names.slice(0, 2), names.slice(2)]);
  });

  test('tags and the account', async () => {
    const resourceArn = `services/${service}`;
    const tags = async () => (await client.getResourceTags(make('GetResourceTags', { resourceArn }))).body.tags;
    assert.equal((await client.tagResource(make('TagResource', { resourceArn, tags: { k1: 'v1', k2: 'ä' } }))).statusCode, 200);
    assert.deepEqual(await tags(), { k1: 'v1', k2: 'ä' });
    const listed = await client.listTaggedResources(make('ListTaggedResources', { limit: 100 }));
    const full = `acs:fc:cn-hangzhou:${ACCOUNT}:${resourceArn}`;
    assert.deepEqual(listed.body.resources.find((one) => one.resourceArn === full)?.tags, { k1: 'v1', k2: 'ä' });
    await client.untagResource(make('UntagResource', { resourceArn, tagKeys: ['k1'], all: false }));
    assert.deepEqual(await tags(), { k2: 'ä' });
    await client.untagResource(make('UntagResource', { resourceArn, all: true }));
    assert.deepEqual(await tags(), {});
    assert.deepEqual((await client.getAccountSettings()).body.availableAZs, ['cn-hangzhou-a']);
    assert.deepEqual((await client.listReservedCapacities(make('ListReservedCapacities'))).body.reservedCapacities, []);
  });

  test('who may call, and what is not here', async () => {
    const list = (key) => connect(key).listServices(make('ListServices'));
    await refused(list({ ...KEY, id: 'nobody' }), 403, 'InvalidAccessKeyID', 'nobody');
    await refused(list({ ...KEY, secret: 'wrong' }), 403, 'SignatureNotMatch');
    await refused(client.listVpcBindings(service), 400, 'PathNotSupported', 'there are no VPC bindings');
    await refused(client.listEventSources(service, 'f', make('ListEventSources')), 400, 'PathNotSupported');
    await refused(client.releaseGPUInstance('g'), 400, 'PathNotSupported');
  });
});

describe('functions', () => {
  test('create, get, update, list, delete', async () => {
    const { body: made } = await makeFunction('made', 'index.echo', { environmentVariables: { GREETING: 'hello' } });
    const shown = await client.getFunction(service, 'made', make('GetFunction', { qualifier: 'LATEST' }));
    assert.deepEqual(plain(shown.body), plain(made));
    const { body: updated } = await client.updateFunction(service, 'made', make('UpdateFunction', { timeout: 9, instanceConcurrency: 2 }));
    assert.deepEqual([updated.timeout, updated.instanceConcurrency, updated.environmentVariables], [9, 2, { GREETING: 'hello' }]);
    const { body: listed } = await client.listFunctions(service, make('ListFunctions', { prefix: 'made', limit: 5 }));
    assert.deepEqual(listed.functions.map((one) => one.functionName), ['made']);
    assert.equal((await client.deleteFunction(service, 'made')).statusCode, 204);
    await refused(client.getFunction(service, 'made', make('GetFunction')), 404, 'FunctionNotFound');
    await refused(makeFunction('bad', 'index.echo', { runtime: 'nodejs99' }), 400, 'InvalidArgument', 'Runtime is set to an invalid value');
  });

  test('code comes back', async () => {
    const { body: made } = await makeFunction('coded', 'index.echo');
    const { body } = await client.getFunctionCode(service, 'coded', make('GetFunctionCode'));
    assert.equal(body.checksum, made.codeChecksum);
    const answer = await fetch(body.url);
    assert.equal(Buffer.from(await answer.arrayBuffer()).toString('base64'), code('nodejs20'));
  });

  test('triggers are text', async () => {
    await makeFunction('timed', 'index.echo');
    const config = (payload) => JSON.stringify({ cronExpression: '@every 60m', enable: false, payload });
    const read = (trigger) => JSON.parse(trigger.body.triggerConfig);
    const request = make('CreateTrigger', { triggerName: 't', triggerType: 'timer', triggerConfig: config('p') });
    assert.deepEqual(read(await client.createTrigger(service, 'timed', request)), JSON.parse(config('p')));
    assert.equal(read(await client.updateTrigger(service, 'timed', 't', make('UpdateTrigger', { triggerConfig: config('q') }))).payload, 'q');
    assert.equal(read(await client.getTrigger(service, 'timed', 't')).payload, 'q');
    assert.equal((await client.listTriggers(service, 'timed', make('ListTriggers'))).body.triggers.length, 1);
    assert.equal((await client.deleteTrigger(service, 'timed', 't')).statusCode, 204);
    await refused(client.getTrigger(service, 'timed', 't'), 404, 'TriggerNotFound');
  });

  test('versions and aliases', async () => {
    await makeFunction('f', 'index.echo');
    const publish = (description) => client.publishServiceVersion(service, make('PublishServiceVersion', { description }));
    assert.equal((await publish('first')).body.versionId, '1');
    await refused(publish('again'), 400, 'InvalidArgument');
    await client.updateFunction(service, 'f', make('UpdateFunction', { description: 'changed' }));
    assert.equal((await publish('second')).body.versionId, '2');
    const { body: listed } = await client.listServiceVersions(service, make('ListServiceVersions', { direction: 'FORWARD', limit: 1 }));
    assert.deepEqual([listed.versions.map((one) => one.versionId), listed.nextToken], [['1'], '2']);
    const alias = make('CreateAlias', { aliasName: 'prod', versionId: '1', additionalVersionWeight: { 2: 0.0 } });
    assert.equal((await client.createAlias(service, alias)).body.versionId, '1');
    const moved = make('UpdateAlias', { versionId: '2', additionalVersionWeight: {} });
    assert.equal((await client.updateAlias(service, 'prod', moved)).body.versionId, '2');
    assert.deepEqual((await client.listAliases(service, make('ListAliases'))).body.aliases.map((one) => one.aliasName), ['prod']);
    const shown = await client.getFunction(service, 'f', make('GetFunction', { qualifier: 'prod' }));
    assert.equal(shown.body.description, 'changed');
    assert.equal((await invoke('f', 'x', {}, 'prod')).body.toString(), 'x');
    await refused(client.deleteServiceVersion(service, '2'), 409, 'QualifierInUse');
    assert.equal((await client.deleteAlias(service, 'prod')).statusCode, 204);
    assert.equal((await client.deleteServiceVersion(service, '2')).statusCode, 204);
    await refused(client.getAlias(service, 'prod'), 404, 'AliasNotFound');
  });

  test('asynchronous configurations', async () => {
    await makeFunction('configured', 'index.echo');
    const onFailure = new sdk.Destination({ destination: `acs:fc:::services/${service}/functions/other` });
    const destinationConfig = new sdk.DestinationConfig({ onFailure });
    const { body } = await put('configured', { maxAsyncRetryAttempts: 1, maxAsyncEventAgeInSeconds: 100, destinationConfig });
    assert.deepEqual([body.maxAsyncRetryAttempts, body.destinationConfig.onFailure.destination], [1, onFailure.destination]);
    const get = () => client.getFunctionAsyncInvokeConfig(service, 'configured', make('GetFunctionAsyncInvokeConfig'));
    assert.deepEqual(plain((await get()).body), plain(body));
    const listed = await client.listFunctionAsyncInvokeConfigs(service, 'configured', make('ListFunctionAsyncInvokeConfigs'));
    assert.deepEqual(listed.body.configs.map((one) => one.qualifier), ['LATEST']);
    await client.deleteFunctionAsyncInvokeConfig(service, 'configured', make('DeleteFunctionAsyncInvokeConfig'));
    await refused(get(), 404, 'AsyncConfigNotExists');
  });
});

describe('custom domains', () => {
  test('create, get, update, list, delete', async () => {
    const domainName = `${unique('js')}.example.org`;
    await makeFunction('routed', 'index.echo');
    const routes = [new sdk.PathConfig({ path: '/api/*', serviceName: service, functionName: 'routed', methods: ['GET'] })];
    const routeConfig = new sdk.RouteConfig({ routes });
    const { body: made } = await client.createCustomDomain(make('CreateCustomDomain', { domainName, protocol: 'HTTP', routeConfig }));
    assert.deepEqual([made.domainName, made.apiVersion, made.routeConfig.routes[0].path], [domainName, '2021-04-06', '/api/*']);
    assert.deepEqual(plain((await client.getCustomDomain(domainName)).body), plain(made));
    const { body: changed } = await client.updateCustomDomain(domainName, make('UpdateCustomDomain', { protocol: 'HTTP,HTTPS' }));
    assert.deepEqual([changed.protocol, plain(changed.routeConfig)], ['HTTP,HTTPS', plain(made.routeConfig)]);
    const { body: listed } = await client.listCustomDomains(make('ListCustomDomains', { prefix: domainName }));
    assert.deepEqual(listed.customDomains.map((one) => one.domainName), [domainName]);
    assert.equal((await client.deleteCustomDomain(domainName)).statusCode, 204);
    await refused(client.getCustomDomain(domainName), 404, 'DomainNameNotFound');
  });
});

describe('invocations', () => {
  test('payloads come back as text', async () => {
    await makeFunction('echo', 'index.echo');
    for (const payload of ['grüße ✓', '{"n": 1}', 'x'.repeat(200_000)]) {
      assert.equal((await invoke('echo', payload)).body.toString(), payload);
    }
    assert.equal((await invoke('echo')).body.toString(), '');
    // This SDK makes text of every payload before it sends it, so bytes that are none get lost on the way here, not on the way back.
    assert.equal((await invoke('echo', Buffer.from([0x61, 0xff]))).body.toString('hex'), '61efbfbd');
  });

  test('bytes of a result arrive', async () => {
    await makeFunction('binary', 'index.bytes');
    assert.deepEqual((await invoke('binary', 'x')).body, Buffer.from([0, 255, 10]));
  });

  test('a failed function returns normally, with its error', async () => {
    await makeFunction('fails', 'index.reject');
    const answer = await invoke('fails', 'x', { xFcLogType: 'Tail' });
    assert.deepEqual([answer.statusCode, answer.headers['x-fc-error-type']], [200, 'HandledInvocationError']);
    assert.equal(JSON.parse(answer.body).errorMessage, 'no luck today');
    assert.match(Buffer.from(answer.headers['x-fc-log-result'], 'base64').toString(), /Memory Size: 128 MB/);
    await refused(invoke('fails', 'x', { xFcLogType: 'Loud' }), 400, 'InvalidArgument', 'LogType');
    await refused(invoke('nobody', 'x'), 404, 'FunctionNotFound');
  });

  test('a task from its submission to its end', async () => {
    await makeFunction('naps', 'index.nap', { runtime: 'python3' });
    await put('naps', { statefulInvocation: true, maxAsyncRetryAttempts: 0 });
    const submit = (event, id, more = {}) => invoke('naps', event, { xFcInvocationType: 'Async', xFcStatefulAsyncInvocationId: id, ...more });
    const read = (id) => async () =>
      (await client.getStatefulAsyncInvocation(service, 'naps', id, make('GetStatefulAsyncInvocation', { qualifier: 'LATEST' }))).body;
    const stop = (id) => client.stopStatefulAsyncInvocation(service, 'naps', id, make('StopStatefulAsyncInvocation'));

    const accepted = await submit('0.01', 'job-1');
    assert.deepEqual([accepted.statusCode, accepted.headers['x-fc-stateful-async-invocation-id']], [202, 'job-1']);
    const task = await waitFor(read('job-1'), 'Succeeded');
    assert.deepEqual(states(task), ['Enqueued', 'Processed', 'Running', 'Succeeded']);
    assert.deepEqual([task.invocationPayload, task.returnPayload, task.alreadyRetriedTimes], ['0.01', 'rested', 0]);
    assert.ok(task.endTime >= task.startedTime && task.durationMs >= 0);
    await refused(submit('0', 'job-1'), 409, 'StatefulAsyncInvocationAlreadyExists');
    await refused(read('none')(), 404, 'StatefulAsyncInvocationNotFound');

    await submit('0', 'waits', { commonHeaders: { 'X-Fc-Async-Delay': '3600' } });
    assert.equal((await stop('waits')).statusCode, 200);
    assert.deepEqual(states(await waitFor(read('waits'), 'Stopped')), ['Enqueued', 'Stopped']);
    await submit('600', 'runs');
    await waitFor(read('runs'), 'Running');
    await stop('runs');
    await waitFor(read('runs'), 'Stopped');
    await refused(stop('runs'), 400, 'InvalidArgument');

    const pages = await everything(async (nextToken) => {
      const request = make('ListStatefulAsyncInvocations', { limit: 2, includePayload: true, sortOrderByTime: 'asc', nextToken });
      const { body } = await client.listStatefulAsyncInvocations(service, 'naps', request);
      return [body.invocations.map((one) => one.invocationId), body.nextToken];
    });
    assert.deepEqual([pages.length, pages.flat().sort()], [2, ['job-1', 'runs', 'waits']]);
    const { body } = await client.listStatefulAsyncInvocationFunctions(make('ListStatefulAsyncInvocationFunctions', { limit: 100 }));
    assert.ok(body.data.some((one) => one.serviceName === service && one.functionName === 'naps'));
  });
});
