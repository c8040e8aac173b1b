// What every screen has to keep: landmarks and titles, contrast and names in both themes, no list that is cut on a laptop or a phone.
import type { Page } from '@playwright/test';
import { namelessCells, standOut, wideTables } from '../lib/checks.mjs';
import type { Console } from './pages/console.ts';
import { complaints } from './support/axe.ts';
import { OVERLAYS, type Screen, SCREENS } from './support/screens.ts';
import { expect, test } from './support/test.ts';

const title = ({ title }: Screen): string => (typeof title === 'string' ? title : title());

for (const screen of SCREENS) {
  test.describe(() => {
    test.use({ signedIn: !screen.signedOut });

    // One test for all of it, because most of its time goes into loading the page; each thing that is wrong is told.
    test(`${screen.name}: B-23 B-24 landmarks, titles, the accessibility checker in both themes, 1280 and 320 px`, async ({ console, guard, page }) => {
      if (screen.status) guard.expectRefusal(screen.status, screen.path());
      const answer = await page.goto(screen.path());
      expect(answer?.status()).toBe(screen.status ?? 200);
      await console.ready();
      await console.shows(title(screen));
      await keepsOrder(console, screen);
      await fits(page);
      if (console.javaScript) await satisfiesChecker(page);
      await page.setViewportSize({ width: 320, height: 740 });
      await expect.soft(page.locator('html'), 'no sideways scroll').toHaveJSProperty('scrollWidth', 320);
      await fits(page);
      expect.soft(await page.evaluate(namelessCells), 'values of cards without words').toEqual([]);
      if (screen.signedOut) return;
      // The navigation is a menu there.
      await page.getByRole('button', { name: 'Menu', exact: true }).click();
      await expect(console.mainNav.getByRole('link', { name: 'Services & Functions' })).toBeVisible();
      await fits(page);
    });
  });
}

for (const screen of OVERLAYS) {
  test(`${screen.name}: B-23 B-24 the accessibility checker in both themes, 320 px`, { tag: '@javascript' }, async ({ console, page }) => {
    await console.open(screen.path());
    await console.shows(title(screen));
    await screen.open!(page);
    await satisfiesChecker(page);
    await page.setViewportSize({ width: 320, height: 740 });
    await expect.soft(page.locator('html'), 'no sideways scroll').toHaveJSProperty('scrollWidth', 320);
    await fits(page);
  });
}

// Landmarks once each, one heading of the first level, and the document's title that begins with it.
async function keepsOrder(console: Console, screen: Screen): Promise<void> {
  const { page } = console;
  await expect.soft(console.heading).toHaveCount(1);
  await expect.soft(page.getByRole('main')).toHaveCount(1);
  await expect.soft(page.getByRole('main').getByRole('heading', { level: 1 })).toHaveCount(1);
  if (screen.status) {
    await expect.soft(page).toHaveTitle('Not found');
  } else {
    const end = screen.signedOut ? '' : `${screen.path().split('/')[1]}$`;
    await expect.soft(page).toHaveTitle(new RegExp(`^${title(screen)} – .*${end}`));
  }
  if (screen.signedOut) return;
  await expect.soft(page.getByRole('banner')).toHaveCount(1);
  await expect.soft(console.mainNav).toHaveCount(1);
  await expect.soft(page.getByRole('contentinfo')).toHaveCount(1);
}

async function satisfiesChecker(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours in between are no colours of the page.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect.soft(await complaints(page), colorScheme).toEqual([]);
  }
}

async function fits(page: Page): Promise<void> {
  expect.soft(await page.evaluate(wideTables), 'lists that are wider than their place').toEqual([]);
  await expect.soft.poll(() => page.evaluate(standOut), { timeout: 2_000, message: 'what stands out at the right' }).toEqual([]);
}
