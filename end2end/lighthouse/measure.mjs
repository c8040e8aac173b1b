// Rates pages: reads { chromium, flags, cookie, reports, runs, pages: [{ name, url }] } from its standard input, prints a line of JSON for
// each page and device. A process of its own, because Lighthouse wants a newer Node.js than the rest of the tests.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

// What a page loses points for: each audit that counts and is not whole, with the points that it costs its category.
function losses({ categories, audits }, category) {
  const refs = categories[category].auditRefs.filter(({ weight, id }) => weight > 0 && audits[id].score !== null);
  const total = refs.reduce((sum, { weight }) => sum + weight, 0);
  return refs
    .map(({ id, weight }) => ({ id, title: audits[id].title, value: audits[id].displayValue, points: ((1 - audits[id].score) * weight * 100) / total }))
    .filter(({ points }) => points >= 0.05)
    .toSorted((a, b) => b.points - a.points);
}

// What would help, without points of its own; what an audit names first, to know where to begin.
const hints = ({ categories, audits }) =>
  categories.performance.auditRefs
    .filter(({ id, weight }) => weight === 0 && audits[id].score !== null && audits[id].score < 0.9)
    .map(({ id }) => ({ id, title: audits[id].title, value: audits[id].displayValue, first: first(audits[id]) }));

function first({ details }) {
  const item = details?.items?.[0];
  return item?.node?.selector ?? item?.url ?? item?.items?.[0]?.url ?? item?.items?.[0]?.node?.selector;
}

// Chromium's trace is now and then without its beginning; Lighthouse asks to be run again then.
const TRIES = 3;

async function run(name, url, flags, config, tries = TRIES) {
  const result = await lighthouse(url, flags, config);
  const { runtimeError } = result.lhr;
  if (!runtimeError) return result;
  if (runtimeError.code === 'NO_NAVSTART' && tries > 1) return run(name, url, flags, config, tries - 1);
  throw new Error(`${name}: ${runtimeError.message}`);
}

const median = (runs) => runs.toSorted((a, b) => a.categories.performance.score - b.categories.performance.score)[Math.floor(runs.length / 2)];

async function rate({ name, url }, device, { port, cookie, runs, reports }) {
  const flags = { port, output: 'html', logLevel: 'error', onlyCategories: CATEGORIES, extraHeaders: { Cookie: cookie }, disableStorageReset: true };
  const results = [];
  for (let number = 0; number < runs; number++) {
    const { lhr, report } = await run(name, url, flags, device === 'desktop' ? desktopConfig : undefined);
    results.push(lhr);
    writeFileSync(join(reports, `${name.toLowerCase().replaceAll(/\W+/g, '-')}-${device}.html`), report);
  }
  const lhr = median(results);
  const ms = (audit) => Math.round(lhr.audits[audit].numericValue);
  return {
    name,
    device,
    address: lhr.finalDisplayedUrl,
    scores: CATEGORIES.map((category) => Math.round(lhr.categories[category].score * 100)),
    times: ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time'].map(ms),
    shift: lhr.audits['cumulative-layout-shift'].numericValue,
    losses: CATEGORIES.flatMap((category) => losses(lhr, category).map((loss) => ({ category, ...loss }))),
    hints: hints(lhr),
  };
}

const wanted = JSON.parse(await text(process.stdin));
const chrome = await launch({ chromePath: wanted.chromium, chromeFlags: wanted.flags, ignoreDefaultFlags: false });
try {
  for (const device of ['desktop', 'mobile']) {
    for (const page of wanted.pages) console.log(JSON.stringify(await rate(page, device, { ...wanted, port: chrome.port })));
  }
} finally {
  chrome.kill();
}
