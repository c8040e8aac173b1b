// Starts a release server of its own on a free loopback port and ends it; used by the browser tests, the soak and the bench.
import { spawn, execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export const PASSWORD = 'correct-horse-battery';
export const KEY = { id: 'test-key', secret: 'test-secret-0123456789' };
export const REGIONS = ['local-1', 'local-2'];

export const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

// The cluster that TASKYARD_TEST_POSTGRES names gets a new database for each server, so that no run sees another's rows.
export function freeDatabase() {
  const base = process.env.TASKYARD_TEST_POSTGRES;
  if (!base) throw new Error('TASKYARD_TEST_POSTGRES is not set; run by .ci/run');
  const name = `t${randomBytes(6).toString('hex')}`;
  const psql = process.env.TASKYARD_PG_BIN ? join(process.env.TASKYARD_PG_BIN, 'psql') : 'psql';
  execFileSync(psql, [base, '-qc', `create database ${name}`], { stdio: 'inherit' });
  const url = new URL(base);
  url.pathname = `/${name}`;
  return url.toString();
}

export class Server {
  // args: further flags of `taskyard serve`; database: that of another server, to share it.
  static async start({ args = ['--demo'], env = {}, database = process.env.TASKYARD_STORE === 'postgres' ? freeDatabase() : undefined } = {}) {
    const server = new Server();
    server.dir = mkdtempSync(join(tmpdir(), 'taskyard-'));
    server.port = await freePort();
    server.url = `http://127.0.0.1:${server.port}`;
    server.args = args;
    server.database = database;
    server.env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TASKYARD_LISTEN: `127.0.0.1:${server.port}`,
      TASKYARD_DATA_DIR: join(server.dir, 'data'),
      TASKYARD_REGIONS: REGIONS.join(','),
      TASKYARD_ADMIN_PASSWORD: PASSWORD,
      TASKYARD_ACCESS_KEY_ID: KEY.id,
      TASKYARD_ACCESS_KEY_SECRET: KEY.secret,
      ...(server.database ? { TASKYARD_DATABASE_URL: server.database } : {}),
      // Servers on one database open the same secrets.
      ...(process.env.TASKYARD_SECRET_KEY_FILE ? { TASKYARD_SECRET_KEY_FILE: process.env.TASKYARD_SECRET_KEY_FILE } : {}),
      ...env,
    };
    await server.launch();
    return server;
  }

  get logFile() {
    return join(this.dir, 'server.log');
  }

  async launch() {
    const binary = process.env.TASKYARD_BIN ?? join(ROOT, 'target', 'release', 'taskyard');
    const log = openSync(this.logFile, 'a');
    this.process = spawn(binary, ['serve', ...this.args], { cwd: ROOT, env: this.env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.exited = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve({ code, signal })));
    await this.ready();
  }

  // A server that is starting refuses connections and can't be waited for by a signal: ask it again, for 30 s.
  async ready() {
    const deadline = Date.now() + 30_000;
    let ended;
    this.exited.then((how) => (ended = how));
    while (Date.now() < deadline && !ended) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the server did not become ready (${JSON.stringify(ended)}):\n${this.log()}`);
  }

  log() {
    return readFileSync(this.logFile, 'utf8');
  }

  async kill() {
    this.process.kill('SIGKILL');
    await this.exited;
  }

  // Ends the server and fails if it panicked or did not end as asked.
  async stop() {
    this.process.kill('SIGTERM');
    setTimeout(() => this.process.kill('SIGINT'), 3_000).unref();
    const how = await this.exited;
    const log = this.log();
    rmSync(this.dir, { recursive: true, force: true });
    if (log.includes('panicked at')) throw new Error(`the server panicked:\n${log}`);
    if (how.code !== 0) throw new Error(`the server ended with ${JSON.stringify(how)}:\n${log}`);
  }
}

// Signs in and returns the Cookie header of the session.
export async function signIn(url, user = 'admin', password = PASSWORD) {
  const answer = await fetch(`${url}/login`);
  const page = await answer.text();
  const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
  if (!action) throw new Error(`no form on the sign-in page:\n${page.slice(0, 2000)}`);
  const hidden = [...page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) => [/name="([^"]*)"/.exec(tag)?.[1], /value="([^"]*)"/.exec(tag)?.[1] ?? '']);
  const form = new URLSearchParams([...hidden.filter(([name]) => name), ['user', user], ['password', password]]);
  const signedIn = await fetch(new URL(action.replaceAll('&amp;', '&'), url), {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    body: form,
  });
  const cookies = signedIn.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  if (!cookies.length) throw new Error(`sign-in failed: ${signedIn.status} ${await signedIn.text()}`);
  return cookies.join('; ');
}
