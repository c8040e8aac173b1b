import type { Locator } from '@playwright/test';
import { expect } from '../support/expect.ts';
import { Console } from './console.ts';

// SC-24: the page that asks, and that of the action.
export class BulkPage extends Console {
  readonly typed = this.page.getByLabel(/^Type \d+ to confirm\.$/);
  readonly progress = this.page.getByRole('progressbar', { name: 'Progress' });
  readonly outcomes = this.page.getByRole('table', { name: 'Outcomes' });

  // The button that begins it; it says what it does.
  begin(words: string): Locator {
    return this.page.getByRole('button', { name: words, exact: true });
  }

  // Waits until so many tasks have an outcome, by loading the page again where no scripts run.
  async ends(figures: string): Promise<void> {
    await this.page.waitForURL(/\/bulk\/[0-9a-f-]{36}/);
    await this.ready();
    const words = this.page.getByRole('status').filter({ hasText: figures });
    if (this.javaScript) {
      await expect(words).toBeVisible({ timeout: 20_000 });
      await expect(this.fact('State')).toHaveText('Done');
      return;
    }
    await expect(async () => {
      await this.page.reload();
      await expect(words).toBeVisible({ timeout: 250 });
      await expect(this.fact('State')).toHaveText('Done', { timeout: 250 });
    }).toPass({ timeout: 20_000, intervals: [100] });
  }
}
