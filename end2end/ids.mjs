// Fails when an id that the console has to have a browser test for is in no test's title. The crawl of all screens looks at how they are
// made, whatever they are for, and does not count.
import { execFileSync } from 'node:child_process';

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const ids = (prefix, list) => list.map((n) => `${prefix}-${String(n).padStart(2, '0')}`);
const WANTED = [
  ...ids('C', numbers(1, 86)),
  ...ids('SC', numbers(1, 26)),
  ...ids('B', [...numbers(1, 5), 7, 8, 9, 12, 13, 15, 16, 17, ...numbers(19, 26), 29]),
];

// What the console does not have yet. An id leaves this list with its first test.
const NOT_YET = {};

const list = execFileSync('npx', ['playwright', 'test', '--list', '--reporter=json'], {
  cwd: import.meta.dirname,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
  // With a store, some specs are left out.
  env: { ...process.env, TASKYARD_STORE: '' },
});

const titles = [];
const walk = ({ title, file, specs = [], suites = [] }, before) => {
  if (file === 'screens.spec.ts') return;
  const path = title === file ? before : `${before} ${title}`;
  titles.push(...specs.map((spec) => `${path} ${spec.title}`));
  for (const suite of suites) walk(suite, path);
};
for (const suite of JSON.parse(list).suites) walk(suite, '');

const tested = new Set(titles.flatMap((title) => title.match(/\b(?:SC|C|B)-\d\d\b/g) ?? []));
const missing = WANTED.filter((id) => !tested.has(id) && !(id in NOT_YET));
const stale = Object.keys(NOT_YET).filter((id) => tested.has(id));
if (missing.length > 0) console.error(`no browser test is named by ${missing.join(' ')}`);
if (stale.length > 0) console.error(`${stale.join(' ')}: tested, and still in the list of what is not there yet (${import.meta.filename})`);
if (missing.length + stale.length > 0) process.exit(1);
console.log(`${tested.size} ids are in the titles of ${new Set(titles).size} browser tests; not there yet: ${Object.keys(NOT_YET).join(' ') || 'none'}`);
