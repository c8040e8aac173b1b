// The vendor's four SDKs, unmodified, as programs beside a console: each submits a task and finds one by its beginning.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import FC from '@alicloud/fc2';
import sdk from '@alicloud/fc-open20210406';
import openApi from '@alicloud/openapi-client';
import { KEY, ROOT } from './server.mjs';

const ACCOUNT = '1000000000000001';

// `@alicloud/fc-open20210406`.
export function openSdk(url) {
  const config = { accessKeyId: KEY.id, accessKeySecret: KEY.secret, endpoint: new URL(url).host, protocol: 'http', regionId: 'any' };
  const client = new sdk.default(new openApi.Config(config));
  return {
    async submit(service, fn, id, event) {
      const headers = new sdk.InvokeFunctionHeaders({ xFcInvocationType: 'Async', xFcStatefulAsyncInvocationId: id });
      const request = new sdk.InvokeFunctionRequest({ body: Buffer.from(event) });
      await client.invokeFunctionWithOptions(service, fn, request, headers, {});
    },
    async find(service, fn, prefix) {
      const request = new sdk.ListStatefulAsyncInvocationsRequest({ invocationIdPrefix: prefix, includePayload: true });
      const { body } = await client.listStatefulAsyncInvocations(service, fn, request);
      return body.invocations.map(brief);
    },
  };
}

// `@alicloud/fc2`, which has tasks by its generic calls only.
export function legacySdk(url) {
  const client = new FC(ACCOUNT, { accessKeyID: KEY.id, accessKeySecret: KEY.secret, region: 'any', endpoint: url });
  return {
    async submit(service, fn, id, event) {
      const headers = { 'x-fc-invocation-type': 'Async', 'x-fc-stateful-async-invocation-id': id };
      await client.invokeFunction(service, fn, event, headers);
    },
    async find(service, fn, prefix) {
      const path = `/services/${service}/functions/${fn}/stateful-async-invocations`;
      const { data } = await client.get(path, { invocationIdPrefix: prefix, includePayload: true });
      return data.invocations.map(brief);
    },
  };
}

// `alibabacloud_fc_open20210406` and `aliyun-fc2`, in one process of the Python that has them.
export function pythonSdks(url) {
  const python = process.env.TASKYARD_SDK_PYTHON ?? join(ROOT, '.tools/venv/bin/python');
  const run = async (...words) => {
    const environment = { PATH: process.env.PATH, TASKYARD_ACCESS_KEY_ID: KEY.id, TASKYARD_ACCESS_KEY_SECRET: KEY.secret };
    const script = join(ROOT, 'end2end/sdk/beside.py');
    const { stdout } = await promisify(execFile)(python, ['-B', script, new URL(url).host, ...words], { env: environment });
    return JSON.parse(stdout);
  };
  return {
    // By each SDK as a task of its own, called what the id begins with; resolves to their ids.
    submit: (service, fn, prefix, event) => run('submit', service, fn, prefix, event),
    // What each SDK finds, by its name.
    find: (service, fn, prefix) => run('find', service, fn, prefix),
  };
}

const brief = ({ invocationId, status, invocationPayload }) => ({ invocationId, status, invocationPayload });
