import type { Locator } from '@playwright/test';
import { expect } from '../support/expect.ts';
import type { Fn } from '../support/workspace.ts';
import { Console } from './console.ts';

export interface Wanted {
  text?: string;
  level?: string;
  requestId?: string;
  instanceId?: string;
  minutes?: string;
}

// SC-16.
export class LogsPage extends Console {
  readonly filters = this.page.getByRole('search').filter({ has: this.page.getByLabel('Time range') });
  readonly text = this.filters.getByLabel('Query', { exact: true });
  readonly level = this.filters.getByLabel('Level', { exact: true });
  readonly requestId = this.filters.getByLabel('Request ID', { exact: true });
  readonly instanceId = this.filters.getByLabel('Instance ID', { exact: true });
  readonly range = this.filters.getByLabel('Time range', { exact: true });
  readonly search = this.filters.getByRole('button', { name: 'Search' });
  readonly log = this.page.getByRole('log', { name: 'Log output' });
  readonly lines = this.log.getByRole('listitem');
  readonly files = this.page.getByRole('main').getByRole('button', { name: 'Download', exact: true });
  readonly wrap = this.page.getByRole('button', { name: 'Wrap lines' });
  readonly more = this.page.getByRole('link', { name: 'Show more' });
  readonly follow = this.page.getByRole('button', { name: 'Follow', exact: true });
  readonly waiting = this.page.getByRole('button', { name: /^\d+ new lines?$/ });
  // What the search has found in the lines.
  readonly hits = this.log.locator('mark');
  readonly nextHit = this.page.getByRole('button', { name: 'Next hit' });
  readonly previousHit = this.page.getByRole('button', { name: 'Previous hit' });
  readonly reloadLink = this.page.getByRole('link', { name: 'Reload' });

  async openOf(fn: Fn, query = ''): Promise<void> {
    await this.open(fn.path('logs') + query);
    await this.shows('Logs');
  }

  // Fills in what is wanted, leaves the rest as it is, and searches.
  async searchFor({ text, level, requestId, instanceId, minutes }: Wanted): Promise<void> {
    if (text !== undefined) await this.text.fill(text);
    if (level !== undefined) await this.level.selectOption(level);
    if (requestId !== undefined) await this.requestId.fill(requestId);
    if (instanceId !== undefined) await this.instanceId.fill(instanceId);
    if (minutes !== undefined) await this.range.selectOption(minutes);
    await this.search.click();
  }

  line(text: string | RegExp): Locator {
    return this.lines.filter({ hasText: text });
  }

  // The line with this number in its request.
  numbered(number: number): Locator {
    return this.lines.filter({ has: this.page.getByRole('link', { name: `Link to line ${number}`, exact: true }) });
  }

  // The address has led to this line.
  async expectMarked(line: Locator): Promise<void> {
    await expect(line).toHaveAttribute('aria-current', 'true');
    await expect(line).toBeInViewport();
    await expect(this.log.locator('[aria-current]')).toHaveCount(1);
  }

  // Says whether the log is wider than its place.
  async expectLongLines(isLong: boolean): Promise<void> {
    await expect.poll(() => this.log.evaluate((log) => log.scrollWidth > log.clientWidth)).toBe(isLong);
    await expect(this.wrap).toHaveAttribute('aria-pressed', String(!isLong));
  }

  // All lines in their order, without their times and requests.
  async expectTexts(texts: (string | RegExp)[]): Promise<void> {
    await expect(this.lines.locator('> span')).toHaveText(texts);
  }

  // The file's text.
  async downloaded(name: string | RegExp = /\.log$/, link = 'Download as text'): Promise<string> {
    const download = this.page.waitForEvent('download');
    await this.files.click();
    await this.page.getByRole('link', { name: link, exact: true }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(name);
    const chunks: Buffer[] = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  // The newest line is in sight.
  async expectAtEnd(): Promise<void> {
    await expect.poll(() => this.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight)).toBeLessThan(9);
  }

  // Follows the log, and waits until it does.
  async beginToFollow(): Promise<void> {
    await this.follow.click();
    await this.says('New lines appear as they are written.');
  }
}
