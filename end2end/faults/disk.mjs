// The disk of a SQLite server runs full under a load: submissions get a clear 503, nothing accepted is lost or half stored, and it works
// again when there is room. The disk is a small file system of its own in memory, so this needs root or sudo.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from '../lib/api.mjs';
import { Server } from '../lib/server.mjs';
import { Load, dice, pause, report } from './load.mjs';

const DISK_MB = 64;
const FULL_MS_MAX = 30_000;
const WORKS_MS_MAX = 15_000;

const asRoot = (...words) => execFileSync(process.getuid() === 0 ? words[0] : 'sudo', process.getuid() === 0 ? words.slice(1) : ['-n', ...words]);
const disk = mkdtempSync(join(tmpdir(), 'taskyard-disk-'));
try {
  asRoot('mount', '-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=0777`, 'taskyard-disk', disk);
} catch (error) {
  rmSync(disk, { recursive: true });
  throw new Error(`a small disk can't be mounted, so a full one can't be tried: ${error.message}; run as root or with sudo`);
}

// Takes all the room that is left, by a file that grows.
function fill(path) {
  const file = openSync(path, 'a');
  try {
    for (let size = 1 << 20; size >= 1; size = size > 1 ? size >> 1 : 0) {
      const part = Buffer.alloc(size);
      try {
        for (;;) if (writeSync(file, part) < size) break;
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
      }
      if (size === 1) break;
    }
  } finally {
    closeSync(file);
  }
}

async function until(what, ms, holds) {
  const began = Date.now();
  while (!(await holds())) {
    if (Date.now() - began > ms) throw new Error(`${what}: not within ${ms} ms`);
    await pause(50);
  }
  return Date.now() - began;
}

let server;
try {
  server = await Server.start({ args: ['--demo', '--stop-grace', '1'], env: { TASKYARD_DATA_DIR: join(disk, 'data') } });
  const load = new Load([server], dice(1));
  await load.run(8);
  const works = [];
  for (let n = 0; n < 2; n++) {
    await pause(2_000);
    const before = load.answers[503] ?? 0;
    const filler = join(disk, 'filler');
    fill(filler);
    // What was free inside of the database's own files is used up first.
    await until('submissions are refused', FULL_MS_MAX, () => {
      fill(filler);
      return (load.answers[503] ?? 0) >= before + 20;
    });
    const reading = await new Api(server.url).tasks('demo', 'ev-hello');
    if (!reading.length) throw new Error('nothing can be read while the disk is full');
    rmSync(filler);
    const accepted = load.accepted.size;
    works.push(await until('works again', WORKS_MS_MAX, () => load.accepted.size > accepted + 20));
  }
  await pause(1_000);
  const settled = await load.settle();
  console.log(`the disk was full twice, works again after ${works} ms; ${load.summary()}; ended ${settled} ms after the load`);
  const broken = await load.broken();
  const read = 'import sqlite3, sys\nprint(sqlite3.connect(sys.argv[1]).execute("pragma integrity_check").fetchone()[0])';
  const integrity = execFileSync('python3', ['-c', read, join(disk, 'data', 'taskyard.db')]).toString().trim();
  if (integrity !== 'ok') broken.push(`the database is damaged: ${integrity}`);
  await server.stop();
  if (load.answers[0]) broken.push(`${load.answers[0]} calls got no answer, though the server did not end`);
  report('full disk', broken);
} finally {
  if (server?.process.exitCode === null) await server.kill();
  asRoot('umount', '-l', disk);
  rmSync(disk, { recursive: true, force: true });
}
