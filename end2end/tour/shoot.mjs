// Makes the pictures of one screen and looks for what a machine can see of its faults.
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { cutTexts, englishTexts, standOut, wideTables } from '../lib/checks.mjs';

export const WIDTHS = { wide: { width: 1_280, height: 800 }, narrow: { width: 360, height: 740 } };
export const THEMES = ['light', 'dark'];
// Reflow without sideways scrolling begins here (WCAG 1.4.10).
const LEAST = { width: 320, height: 640 };
// A picture of ten thousand lines shows no more than one of these.
const HEIGHT_MAX = 2_400;

export const slug = ({ id, name }) => `${id} ${name}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

// Everything that the checker calls wrong, in one line each.
async function complaints(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target, failureSummary }) => `axe: ${impact} ${id}: ${target} ${failureSummary.replaceAll(/\s+/g, ' ')}`));
}

async function picture(page, path, isOver) {
  // What was sent took the focus somewhere.
  if (!isOver) await page.evaluate(() => scrollTo(0, 0));
  const height = isOver ? 0 : await page.evaluate(() => document.documentElement.scrollHeight);
  const { width, height: least } = page.viewportSize();
  const whole = height > least ? { fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, HEIGHT_MAX) } } : {};
  await page.screenshot({ path, animations: 'disabled', caret: 'hide', ...whole });
}

// Loads the screen as it is described in the table.
export async function open(page, screen, context) {
  const path = screen.path(context);
  const answer = await page.goto(path);
  const status = answer?.status();
  if (status !== (screen.status ?? 200)) throw new Error(`${path} answered ${status}`);
  if (!screen.isBare) await page.locator('html[data-hydrated="true"]').waitFor();
  await screen.act?.(page, context);
}

// Resolves to { files, findings, notes }: faults, and what somebody should look at.
export async function shoot(page, screen, context, { folder, axe }) {
  await page.setViewportSize(WIDTHS.wide);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await open(page, screen, context);
  const [files, findings, notes] = [{}, [], []];
  const note = async (what, look) => notes.push(...(await page.evaluate(look)).map((text) => `${what}: ${text}`));
  if (context.lang === 'zh-CN') await note('English', englishTexts);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    for (const width of screen.widths ?? Object.keys(WIDTHS)) {
      await page.setViewportSize(WIDTHS[width]);
      const name = `${slug(screen)}-${theme}-${width}.png`;
      await picture(page, join(folder, name), screen.isOver);
      files[`${theme}-${width}`] = name;
      if (axe && !(theme === 'dark' && width === 'narrow')) findings.push(...(await complaints(page)).map((text) => `${theme} ${width}: ${text}`));
      if (theme === 'light') {
        findings.push(...(await page.evaluate(standOut)).map((text) => `${width}: stands out: ${text}`));
        await note(`cut ${width}`, cutTexts);
        findings.push(...(await page.evaluate(wideTables)).map((text) => `${width}: too wide: ${text}`));
      }
    }
  }
  await page.setViewportSize(LEAST);
  findings.push(...(await page.evaluate(standOut)).map((text) => `${LEAST.width} px: stands out: ${text}`));
  return { files, findings, notes };
}
