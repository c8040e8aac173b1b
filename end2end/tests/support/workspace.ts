// What a test finds there before it begins: functions and tasks of its own, made through the signed API.
import { expect } from '@playwright/test';
import { Api, type Answer } from '../../lib/api.mjs';
import { REGIONS } from '../../lib/server.mjs';
import { zip } from './zip.ts';

export type Status =
  | 'Enqueued'
  | 'Processed'
  | 'Running'
  | 'Retrying'
  | 'Stopping'
  | 'Succeeded'
  | 'Failed'
  | 'Expired'
  | 'Invalid'
  | 'Stopped';

export interface AsyncConfig {
  statefulInvocation?: boolean | null;
  maxAsyncRetryAttempts?: number | null;
  maxAsyncEventAgeInSeconds?: number | null;
  destinationConfig?: { onSuccess?: { destination: string } | null; onFailure?: { destination: string } | null } | null;
}

export interface TaskRecord {
  instanceId?: string;
  invocationId: string;
  status: Status;
  requestId: string;
  startedTime: number;
  endTime: number;
  events: { status: Status; timestamp: number }[];
}

// The region that the demo service and everything the tests make is in; the other one stays empty.
export const REGION = REGIONS[0]!;
export const EMPTY_REGION = REGIONS[1]!;
export const SERVICE = 'e2e';

// A function by its names.
export class Fn {
  constructor(
    readonly service: string,
    readonly name: string,
  ) {}

  // The address of one of its pages, such as `tasks`.
  path(page: string, region: string = REGION): string {
    return `/${region}/services/${this.service}/functions/${this.name}/${page}`;
  }
}

export class Workspace {
  readonly api: Api;
  readonly #unique: string;
  #made = 0;

  // `unique` keeps what this workspace makes apart from every other one's.
  constructor(url: string, unique: string) {
    this.api = new Api(url, 4);
    this.#unique = unique;
  }

  name(start: string): string {
    this.#made += 1;
    return `${start}-${this.#unique}${this.#made > 1 ? `-${this.#made}` : ''}`;
  }

  async call<T>(method: string, path: string, status: number, options?: Parameters<Api['call']>[2]): Promise<T> {
    const answer = await this.api.call(method, path, options);
    return read<T>(answer, status, `${method} ${path}`);
  }

  async makeService(name: string): Promise<void> {
    await this.call('POST', '/services', 200, { body: { serviceName: name } });
  }

  // A service of the test's own, for what concerns all functions of one.
  async makeOwnService(): Promise<string> {
    const service = this.name('s');
    await this.makeService(service);
    return service;
  }

  // A Python function in the tests' service; task mode is on unless the configuration says otherwise.
  async makeFunction(code: string, config: AsyncConfig = {}, start = 'f', service = SERVICE): Promise<Fn> {
    const fn = new Fn(service, this.name(start));
    const body = { functionName: fn.name, runtime: 'python3', handler: 'index.handler', timeout: 600, code: { zipFile: packed(code) } };
    await this.call('POST', `/services/${fn.service}/functions`, 200, { body });
    await this.call('PUT', `${api(fn)}/async-invoke-config`, 200, { body: { statefulInvocation: true, ...config } });
    return fn;
  }

  // Changes a function: its code, or members by the API's names.
  async changeFunction(fn: Fn, changes: { code?: string; timeout?: number; description?: string }): Promise<void> {
    const { code, ...rest } = changes;
    await this.call('PUT', api(fn), 200, { body: { ...rest, ...(code ? { code: { zipFile: packed(code) } } : {}) } });
  }

  // Publishes the service and returns the version's number.
  async publish(service: string, description = ''): Promise<string> {
    const version = await this.call<{ versionId: string }>('POST', `/services/${service}/versions`, 200, { body: { description } });
    return version.versionId;
  }

  async makeAlias(service: string, aliasName: string, versionId: string): Promise<void> {
    await this.call('POST', `/services/${service}/aliases`, 200, { body: { aliasName, versionId } });
  }

  asyncConfig(fn: Fn, qualifier = 'LATEST'): Promise<AsyncConfig> {
    return this.call('GET', `${api(fn)}/async-invoke-config`, 200, { query: { qualifier } });
  }

  // Submits through the API, as a program does; the task is accepted when this returns.
  async submit(fn: Fn, id: string, event: string, delaySeconds = 0): Promise<void> {
    const headers = {
      'x-fc-invocation-type': 'Async',
      'x-fc-stateful-async-invocation-id': id,
      ...(delaySeconds ? { 'x-fc-async-delay': String(delaySeconds) } : {}),
    };
    await this.call('POST', `${api(fn)}/invocations`, 202, { headers, body: event });
  }

  async stop(fn: Fn, id: string): Promise<void> {
    read(await this.api.stop(fn.service, fn.name, id), 200, `stop ${id}`);
  }

  task(fn: Fn, id: string): Promise<TaskRecord> {
    return this.call('GET', `${api(fn)}/stateful-async-invocations/${id}`, 200);
  }

  async tasks(fn: Fn): Promise<TaskRecord[]> {
    const page = await this.call<{ invocations: TaskRecord[] }>('GET', `${api(fn)}/stateful-async-invocations`, 200, {
      query: { limit: '100' },
    });
    return page.invocations;
  }

  // More than a page of them.
  everyTask(fn: Fn): Promise<TaskRecord[]> {
    return this.api.tasks(fn.service, fn.name) as Promise<TaskRecord[]>;
  }

  async reaches(fn: Fn, id: string, status: Status): Promise<void> {
    await expect.poll(async () => (await this.task(fn, id)).status, { timeout: 30_000, message: `the state of ${id}` }).toBe(status);
  }
}

const packed = (code: string): string => zip({ 'index.py': code }).toString('base64');

const api = (fn: Fn): string => `/services/${fn.service}/functions/${fn.name}`;

function read<T>(answer: Answer, status: number, what: string): T {
  const text = answer.body.toString();
  if (answer.status !== status) throw new Error(`${what} answered ${answer.status} instead of ${status}: ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}
