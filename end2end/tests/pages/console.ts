import type { Locator, Page } from '@playwright/test';
import { englishTexts, standOut } from '../../lib/checks.mjs';
import { expect } from '../support/expect.ts';
import { isTheirs, isTranslated } from '../support/language.ts';

// What all pages of the console have in common.
export class Console {
  readonly heading: Locator;
  readonly alert: Locator;
  readonly mainNav: Locator;
  readonly functionTabs: Locator;
  readonly region: Locator;

  constructor(
    readonly page: Page,
    readonly javaScript: boolean,
  ) {
    this.heading = page.getByRole('heading', { level: 1 });
    this.alert = page.getByRole('alert').filter({ hasText: /./ });
    this.mainNav = page.getByRole('navigation', { name: 'Main', exact: true });
    this.functionTabs = page.getByRole('navigation', { name: 'Function', exact: true });
    this.region = page.getByRole('banner').getByLabel('Region');
  }

  // On a phone the navigation is in a menu, which this opens.
  async openNav(): Promise<void> {
    if (!this.#isPhone()) return;
    if (!(await this.mainNav.isVisible())) await this.page.getByRole('button', { name: 'Menu', exact: true }).click();
  }

  // On a phone the actions of a row are in a menu of its own, which this opens.
  async openActions(row: Locator): Promise<void> {
    await row.waitFor();
    if (!this.#isPhone() || (await row.locator('[popover]:popover-open').count())) return;
    const menu = row.getByRole('button', { name: /^Actions of / });
    if (await menu.count()) await menu.click();
  }

  // Where lists are cards.
  #isPhone(): boolean {
    return (this.page.viewportSize()?.width ?? 0) < 640;
  }

  // Loads an address and waits until the page answers.
  async open(path: string): Promise<void> {
    await this.page.goto(path);
    await this.ready();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  // The server's page is there at once; where scripts run, it answers by itself only when they say so.
  async ready(): Promise<void> {
    if (this.javaScript) await expect(this.page.locator('html')).toHaveAttribute('data-hydrated', 'true');
  }

  // After something that makes the browser load a page by itself, even where scripts run.
  async loaded(url: string | RegExp): Promise<void> {
    await this.page.waitForURL(url);
    await this.ready();
  }

  // Where scripts run, a stop is held for some seconds before it is sent.
  async stopNow(): Promise<void> {
    if (this.javaScript) await this.page.getByRole('button', { name: 'Stop now', exact: true }).click();
  }

  // The sentence about what was just done.
  async says(sentence: string): Promise<void> {
    await expect(this.page.getByRole('status').filter({ hasText: sentence })).toBeVisible();
  }

  async shows(title: string): Promise<void> {
    await expect(this.heading).toHaveText(title);
    await this.#suits();
  }

  // What each page has to keep on a phone, and in Chinese.
  async #suits(): Promise<void> {
    const finds = (what: () => string[]) => async () => (await this.page.evaluate(what)).filter((text) => !isTheirs(text));
    if (this.#isPhone()) await expect.soft.poll(finds(standOut), { message: 'what stands out of the window', timeout: 2_000 }).toEqual([]);
    if (isTranslated()) await expect.soft.poll(finds(englishTexts), { message: 'English texts', timeout: 2_000 }).toEqual([]);
  }

  // Where a form is that opens in a dialog, or without scripts on a page of its own; both have the same title.
  async form(title: string): Promise<Locator> {
    if (this.javaScript) {
      const dialog = this.page.getByRole('dialog', { name: title, exact: true });
      await expect(dialog).toBeVisible();
      return dialog;
    }
    await this.shows(title);
    return this.page.getByRole('main');
  }

  // Chooses another region; without scripts a button sends the choice.
  async switchRegion(region: string): Promise<void> {
    await this.region.selectOption(region);
    if (!this.javaScript) await this.page.getByRole('banner').getByRole('button', { name: 'Go' }).click();
    await this.loaded(new RegExp(`/${region}/`));
  }

  // A fact's value, by the fact's name.
  fact(name: string): Locator {
    return this.page.locator('div:has(> dt)', { has: this.page.getByText(name, { exact: true }) }).locator('dd');
  }
}

// The message of a field that was refused, as assistive technology finds it.
export async function expectFieldError(field: Locator, message: string): Promise<void> {
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription(new RegExp(escape(message)));
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
