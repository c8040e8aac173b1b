// A picture of every screen, light and dark, wide and narrow, empty, full and in error, in `target/tour/<language>` with an `index.html`
// that shows them all; and what a machine finds wrong with them. Fails on findings, and where a kind of page of the console is missing.
//   --lang zh-CN     the console's language, default en
//   --only PATTERN   screens whose id and name match this pattern
//   --no-axe         without the accessibility checker, which takes half of the time
//   --lanes N        pages at a time, default 2
//   --readme         the README's pictures too
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { Api } from './lib/api.mjs';
import { PASSWORD, ROOT, Server, signIn } from './lib/server.mjs';
import { fill } from './tour/fill.mjs';
import { writeIndex } from './tour/index.mjs';
import { people } from './tour/people.mjs';
import { shootReadme } from './tour/readme.mjs';
import { checkTable } from './tour/routes.mjs';
import { SCREENS } from './tour/screens.mjs';
import { shoot, slug } from './tour/shoot.mjs';

const REGIONS = ['cn-hangzhou', 'cn-shanghai'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const { values } = parseArgs({
  allowNegative: true,
  options: {
    lang: { type: 'string', default: 'en' },
    only: { type: 'string', default: '' },
    axe: { type: 'boolean', default: true },
    lanes: { type: 'string', default: '2' },
    readme: { type: 'boolean', default: false },
  },
});

// What a browser of this user keeps.
async function cookies(url, user) {
  const language = [{ name: 'taskyard_language', value: values.lang, url }];
  if (user === 'nobody') return language;
  const pairs = (await signIn(url, user, PASSWORD)).split('; ').map((pair) => pair.split(/=(.*)/s));
  return [...language, ...pairs.map(([name, value]) => ({ name, value, url }))];
}

const look = (url, state) => ({ baseURL: url, locale: values.lang === 'en' ? 'en-US' : values.lang, timezoneId: 'UTC', storageState: { cookies: [], origins: [] }, ...state });

async function enter(browser, url, user) {
  const context = await browser.newContext(look(url));
  await context.addCookies(await cookies(url, user));
  context.setDefaultTimeout(15_000);
  return context;
}

// One lane: a screen after another, each user in a context of its own.
async function walk(browser, server, screens, context, options, results) {
  const contexts = new Map();
  for (let screen = screens.shift(); screen; screen = screens.shift()) {
    const user = screen.as ?? 'admin';
    if (!contexts.has(user)) contexts.set(user, await enter(browser, server.url, user));
    const page = await contexts.get(user).newPage();
    const faults = [];
    page.on('pageerror', ({ message }) => faults.push(`page error: ${message}`));
    try {
      const seen = await shoot(page, screen, context, options);
      results.set(screen, { screen, ...seen, findings: [...seen.findings, ...faults] });
    } catch (error) {
      results.set(screen, { screen, error: `not shown: ${error.message.split('\n')[0]}`, findings: faults });
    }
    await page.close();
    const { error, findings = [] } = results.get(screen);
    process.stderr.write(`${results.size} ${screen.id} ${screen.name}${error || findings.length ? `: ${error ?? ''} ${findings.length} findings` : ''}\n`);
  }
  for (const each of contexts.values()) await each.close();
}

checkTable(SCREENS);
const names = SCREENS.map(slug);
const twice = names.find((name, n) => names.indexOf(name) !== n);
if (twice) throw new Error(`two screens are called ${twice}`);

const folder = join(ROOT, 'target/tour', values.lang);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const began = performance.now();
const seconds = () => ((performance.now() - began) / 1_000).toFixed(0);
const server = await Server.start({ env: { TASKYARD_REGIONS: REGIONS.join(','), TASKYARD_STOP_GRACE: '600', TASKYARD_DRAIN_TIMEOUT: '1' } });
const browser = await chromium.launch({ executablePath: process.env.TASKYARD_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
// Who is told to end takes the server along.
process.once('exit', () => server.process.kill('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
let failed = true;
try {
  const context = { region: REGIONS[0], empty: REGIONS[1], lang: values.lang, api: new Api(server.url, 4), ...(await fill(server.url)) };
  const admin = await enter(browser, server.url, 'admin');
  Object.assign(context, await people(await admin.newPage(), context.region));
  console.log(`filled after ${seconds()} s`);
  if (values.readme) await shootReadme(browser, SCREENS, context, { ...look(server.url), storageState: await admin.storageState() });
  const pattern = new RegExp(values.only);
  const wanted = SCREENS.filter(({ id, name }) => pattern.test(`${id} ${name}`));
  const [queue, results] = [[...wanted], new Map()];
  await Promise.all(Array.from({ length: Number(values.lanes) }, () => walk(browser, server, queue, context, { folder, axe: values.axe }, results)));
  const told = wanted.map((screen) => results.get(screen));
  writeIndex(folder, told);
  writeFileSync(join(folder, 'findings.json'), JSON.stringify(told, null, 1));
  const faults = told.filter(({ error, findings }) => error || findings.length);
  for (const { screen, error, findings } of faults) {
    console.log(`\n${screen.id} ${screen.name}`);
    for (const line of [...(error ? [error] : []), ...findings]) console.log(`- ${line}`);
  }
  const pictures = told.reduce((sum, { files = {} }) => sum + Object.keys(files).length, 0);
  console.log(`\n${pictures} pictures of ${told.length} screens in ${folder}, ${faults.length} screens with findings, ${seconds()} s`);
  failed = faults.length > 0;
} finally {
  await browser.close();
  const hasPanicked = server.log().includes('panicked at');
  if (hasPanicked) console.error(server.log());
  failed ||= hasPanicked;
  // One of its functions ignores that it is stopped, for longer than the tour lasts.
  await server.kill();
  rmSync(server.dir, { recursive: true, force: true });
}
if (failed) process.exit(1);
