// Load by `wrk`, which costs the two cores less than a client in Node.js.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Requests a second; fails when one was not answered with 2xx. The same request each time, so a signature has to be made once.
export function wrk(url, clients, seconds, { method = 'GET', headers = {}, body = '' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wrk-'));
  try {
    const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(String(value))}`);
    const script = join(folder, 'request.lua');
    writeFileSync(script, [`wrk.method = "${method}"`, `wrk.body = ${JSON.stringify(body)}`, ...lines, ''].join('\n'));
    const out = execFileSync('wrk', [`-t${Math.min(clients, 2)}`, `-c${clients}`, `-d${seconds}s`, '--timeout', '20s', '-s', script, url], { encoding: 'utf8' });
    const failed = /Non-2xx or 3xx responses: (\d+)|Socket errors: .*/.exec(out);
    if (failed) throw new Error(`wrk ${url}: ${failed[0]}\n${out}`);
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
