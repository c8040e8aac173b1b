// The console in Chinese (B-25). What a page says in English is found by the catalogue's own keys.
import type { Page } from '@playwright/test';
import { complaints } from './support/axe.ts';
import { CATALOGUE as catalogue } from './support/language.ts';
import { SCREENS } from './support/screens.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

// The keys as patterns: what stands in braces may be anything. Words that are the same in both languages tell nothing, nor do those of a value alone.
const escaped = (text: string) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
const ENGLISH = Object.entries(catalogue.words)
  .filter(([english, chinese]) => english !== chinese && /[A-Za-z]{3}/.test(english.replace(/\{\w+\}/g, '')))
  // Behind U+0004 stands what a word is about.
  .map(([english]) => escaped(english.split('\u0004')[0]!.trim()).replace(/\{\w+\}/g, '.{1,80}'));

// What the demo calls its service.
const THEIRS = 'Functions to try Taskyard with';

// Texts and accessible names of the page that are ours and English. What users have named, and code, is theirs.
function englishTexts(page: Page): Promise<string[]> {
  return page.evaluate(({ keys, theirs }) => {
    const patterns = new RegExp(`^(?:${keys.join('|')})$`);
    const found = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement!;
      if (element.closest('code, pre, script, style, noscript, textarea, .font-mono, [lang="en"]')) continue;
      const texts = node instanceof Element ? ['aria-label', 'title', 'placeholder'].map((name) => node.getAttribute(name)) : [node.textContent];
      for (const text of texts) if (text && text !== theirs && patterns.test(text.trim())) found.add(text.trim());
    }
    return [...found];
  }, { keys: ENGLISH, theirs: THEIRS });
}

test('B-25 the language is chosen in the menu, keeps the page, and stays', async ({ console, page }) => {
  await console.open(`/${REGION}/services?prefix=de`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('link', { name: '简体中文' }).click();
  await console.loaded(`/${REGION}/services?prefix=de`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await console.shows('服务列表');
  await page.getByRole('navigation', { name: catalogue.words.Main, exact: true }).getByRole('link', { name: '任务', exact: true }).click();
  await console.shows(catalogue.words['Task Execution Functions']!);
  await console.reload();
  await console.shows(catalogue.words['Task Execution Functions']!);

  await console.open(`/${REGION}/tasks?lang=en`);
  await console.shows('Task Execution Functions');
  await console.open(`/${REGION}/services`);
  await console.shows('Services');
});

test('B-25 a refused form says why in Chinese', async ({ console, guard, page }) => {
  guard.expectRefusal(400, '/console/fn/');
  await console.open(`/${REGION}/create-service?lang=zh-CN`);
  await page.getByRole('textbox').first().fill('1 wrong');
  await page.getByRole('main').getByRole('button', { name: catalogue.words.Create, exact: true }).click();
  await expect(console.alert).toContainText(/[\u4e00-\u9fff]/);
  await expect(console.alert).not.toContainText(/[A-Za-z]{4,} [a-z]{2,} /);
});

// In two tests, so that both workers have something to do. Where scripts run, what the server sends is drawn again: one of the two is enough.
for (const part of [0, 1]) {
  test(`B-25 every screen is Chinese where a user reads, and satisfies the accessibility checker (${part + 1} of 2)`, { tag: '@javascript' }, async ({ browser, baseURL }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ baseURL: baseURL!, storageState: process.env.TASKYARD_E2E_SESSION! });
    await context.addCookies([{ name: 'taskyard_language', value: 'zh-CN', url: baseURL! }]);
    const page = await context.newPage();
    const all = SCREENS.filter(({ name, signedOut }, index) => index % 2 === part && !signedOut && name !== 'components');
    for (const screen of all) {
      await page.goto(screen.path());
      await expect(page.locator('html')).toHaveAttribute('data-hydrated', 'true');
      expect.soft(await englishTexts(page), screen.name).toEqual([]);
      // Colours are the same in every language.
      expect.soft(await complaints(page, ['color-contrast']), screen.name).toEqual([]);
      if (screen.name !== 'SC-08 code') continue;
      await page.locator('.cm-content').press('Control+f');
      const panel = page.locator('.cm-search');
      await expect.soft(panel.getByRole('textbox').first()).toHaveAccessibleName('查找');
      expect.soft(await panel.innerText(), 'what the editor says by itself').not.toMatch(/[A-Za-z]/);
    }
    if (part === 0) {
      await context.clearCookies({ name: 'taskyard_session' });
      await page.goto('/login');
      expect.soft(await englishTexts(page), 'sign in').toEqual([]);
    }
    await context.close();
  });
}
