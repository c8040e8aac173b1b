import type { Locator } from '@playwright/test';
import { expect } from '../support/expect.ts';
import type { Fn, Status } from '../support/workspace.ts';
import { Console } from './console.ts';

// SC-18.
export class TaskPage extends Console {
  readonly status = this.page.getByRole('main').getByRole('heading', { level: 1 }).locator('xpath=..').locator('[data-status]');
  readonly events = this.page.getByRole('list', { name: 'Events' }).getByRole('listitem');
  readonly input = this.page.getByRole('region', { name: 'Input' });
  readonly returnValue = this.page.getByRole('region', { name: 'Return Value' });
  readonly stackTrace = this.page.getByRole('region', { name: 'Stack trace' });
  readonly log = this.page.getByRole('log');

  async openOf(fn: Fn, id: string): Promise<void> {
    await this.open(fn.path(`tasks/${id}`));
    await this.shows(id);
  }

  // Looks for a text in the log.
  async find(text: string): Promise<void> {
    await this.page.getByRole('searchbox', { name: 'Find in log' }).fill(text);
    await this.page.getByRole('button', { name: 'Find', exact: true }).click();
  }

  error(): Locator {
    return this.page.getByRole('region', { name: 'Error', exact: true });
  }

  // Waits for a state, by loading the page again where no scripts run.
  async reaches(status: Status): Promise<void> {
    if (this.javaScript) {
      await expect(this.status).toHaveAttribute('data-status', status, { timeout: 20_000 });
      return;
    }
    await expect(async () => {
      await this.page.reload();
      await expect(this.status).toHaveAttribute('data-status', status, { timeout: 250 });
    }).toPass({ timeout: 20_000, intervals: [100] });
  }

  // Waits for what a fact says, by loading the page again where no scripts run.
  async factBecomes(name: string, words: string): Promise<void> {
    if (this.javaScript) {
      await expect(this.fact(name)).toHaveText(words, { timeout: 20_000 });
      return;
    }
    await expect(async () => {
      await this.page.reload();
      await expect(this.fact(name)).toHaveText(words, { timeout: 250 });
    }).toPass({ timeout: 20_000, intervals: [100] });
  }

  // The history: its states in order, each with its instant to the millisecond.
  async history(): Promise<{ status: string; at: number }[]> {
    const rows = await this.events.all();
    return Promise.all(
      rows.map(async (row) => {
        const time = row.getByRole('time');
        await expect(time).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
        const instant = (await time.getAttribute('datetime')) ?? '';
        expect(instant).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        return { status: (await row.locator('[data-status]').getAttribute('data-status')) ?? '', at: Date.parse(instant) };
      }),
    );
  }

  async expectHistory(states: Status[]): Promise<void> {
    await expect.poll(async () => (await this.history()).map(({ status }) => status)).toEqual(states);
    const instants = (await this.history()).map(({ at }) => at);
    expect(instants, 'in the order of time').toEqual(instants.toSorted((a, b) => a - b));
  }
}
