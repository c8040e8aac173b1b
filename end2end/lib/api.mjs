// A small client of the Function Compute API, signed by ACS3-HMAC-SHA256, for loads that an SDK would slow down.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { KEY } from './server.mjs';

const PREFIX = '/2021-04-06';
const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const EMPTY = Buffer.alloc(0);

export class Api {
  constructor(url, sockets = 64, key = KEY) {
    this.key = key;
    this.host = new URL(url).host;
    this.agent = new Agent({ keepAlive: true, maxSockets: sockets, scheduling: 'lifo' });
  }

  sign(method, path, query, body) {
    const headers = {
      host: this.host,
      'x-acs-content-sha256': sha256(body),
      'x-acs-date': new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      'x-acs-signature-nonce': randomBytes(16).toString('hex'),
    };
    const names = Object.keys(headers).sort();
    const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
    const canonical = [method, path, query, lines, names.join(';'), headers['x-acs-content-sha256']].join('\n');
    const signature = createHmac('sha256', this.key.secret).update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`).digest('hex');
    headers.authorization = `ACS3-HMAC-SHA256 Credential=${this.key.id},SignedHeaders=${names.join(';')},Signature=${signature}`;
    return headers;
  }

  // The path as the server sees it.
  full(path) {
    return PREFIX + path;
  }

  // Headers and body of a call, to be sent by somebody else, any number of times within the signature's time.
  signed(method, path, { headers = {}, body = '' }) {
    // Whoever sends it writes the host itself.
    const { host, ...own } = this.sign(method, PREFIX + path, '', Buffer.from(body));
    return { headers: { ...headers, ...own }, body };
  }

  // Resolves to { status, headers, body }; never throws for a status.
  call(method, path, { query = {}, headers = {}, body = EMPTY } = {}) {
    const data = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const encoded = Object.keys(query).sort().map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(query[name])}`).join('&');
    const signed = this.sign(method, PREFIX + path, encoded, data);
    return this.send(method, PREFIX + path + (encoded && `?${encoded}`), { ...headers, ...signed, 'content-length': data.length }, data);
  }

  send(method, path, headers = {}, data = EMPTY) {
    const [hostname, port] = this.host.split(':');
    return new Promise((resolve, reject) => {
      const call = request({ agent: this.agent, hostname, port, method, path, headers }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
      });
      call.on('error', reject);
      call.end(data);
    });
  }

  invokePath(service, fn) {
    return `/services/${service}/functions/${fn}/invocations`;
  }

  submit(service, fn, id, body, more = {}) {
    const headers = { 'x-fc-invocation-type': 'Async', ...(id ? { 'x-fc-stateful-async-invocation-id': id } : {}), ...more };
    return this.call('POST', this.invokePath(service, fn), { headers, body });
  }

  invoke(service, fn, body) {
    return this.call('POST', this.invokePath(service, fn), { body });
  }

  async task(service, fn, id) {
    const answer = await this.call('GET', `/services/${service}/functions/${fn}/stateful-async-invocations/${id}`);
    return JSON.parse(answer.body);
  }

  // Every task of a function, with its history.
  async tasks(service, fn) {
    const all = [];
    for (let token = ''; ; ) {
      const query = { limit: '100', ...(token ? { nextToken: token } : {}) };
      const answer = await this.call('GET', `/services/${service}/functions/${fn}/stateful-async-invocations`, { query });
      if (answer.status !== 200) throw new Error(`tasks not listed: ${answer.status} ${answer.body}`);
      const page = JSON.parse(answer.body);
      all.push(...page.invocations);
      token = page.nextToken;
      if (!token) return all;
    }
  }

  stop(service, fn, id) {
    return this.call('PUT', `/services/${service}/functions/${fn}/stateful-async-invocations/${id}`);
  }
}

// Runs `count` calls with `clients` of them under way at a time.
export async function load(clients, count, call) {
  let next = 0;
  const client = async () => {
    for (let n = next++; n < count; n = next++) await call(n);
  };
  await Promise.all(Array.from({ length: clients }, client));
}
