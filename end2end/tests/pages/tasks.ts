import type { Locator } from '@playwright/test';
import { expect } from '../support/expect.ts';
import type { Fn, Status } from '../support/workspace.ts';
import { Console } from './console.ts';

// SC-12.
export class TasksPage extends Console {
  readonly submit = this.page.getByRole('button', { name: 'Submit Task', exact: true });
  readonly moreOptions = this.page.getByRole('button', { name: 'More submit options' });
  readonly refresh = this.page.getByRole('button', { name: 'Refresh' });
  readonly table = this.page.getByRole('table', { name: 'Asynchronous tasks' });
  readonly states = this.page.getByRole('navigation', { name: 'States' });
  readonly filters = this.page.getByRole('search');
  readonly prefix = this.filters.getByLabel('Task ID prefix');
  readonly apply = this.filters.getByRole('button', { name: 'Apply' });
  readonly pages = this.page.getByRole('navigation', { name: 'Pages' });

  async openOf(fn: Fn, query = ''): Promise<void> {
    await this.open(fn.path('tasks') + query);
    await this.shows('Asynchronous Tasks');
  }

  row(id: string): Locator {
    return this.table.getByRole('row').filter({ has: this.page.getByRole('link', { name: id, exact: true }) });
  }

  status(id: string): Locator {
    return this.row(id).locator('[data-status]');
  }

  // Waits for a state: where scripts run, the page has to show it by itself; else as a user does, by `Refresh`.
  async reaches(id: string, status: Status): Promise<void> {
    const shown = this.status(id);
    if (this.javaScript) {
      await expect(shown).toHaveAttribute('data-status', status, { timeout: 20_000 });
      return;
    }
    await expect(async () => {
      await this.refresh.click();
      await expect(shown).toHaveAttribute('data-status', status, { timeout: 250 });
    }).toPass({ timeout: 20_000, intervals: [100] });
  }

  // The ids in the table, from its first row to its last.
  ids(): Promise<string[]> {
    return this.table.locator('tr[data-task] a[href]:not([aria-label])').allInnerTexts();
  }

  async expectIds(ids: string[]): Promise<void> {
    await expect.poll(() => this.ids()).toEqual(ids);
  }

  chip(state: Status | 'All'): Locator {
    return this.states.getByRole('link', { name: new RegExp(`^${state}\\b`) });
  }

  // An action of a row, also while it is in a menu that is closed.
  action(words: 'Stop' | 'Re-execute', id: string): Locator {
    return this.row(id).getByRole('button', { name: `${words} ${id}`, exact: true, includeHidden: true });
  }

  // A stop is sent at once.
  async act(words: 'Stop' | 'Re-execute', id: string): Promise<void> {
    await this.press(words, id);
    if (words === 'Stop') await this.stopNow();
  }

  async press(words: 'Stop' | 'Re-execute', id: string): Promise<void> {
    await this.openActions(this.row(id));
    await this.action(words, id).click();
  }

  async openSubmit(): Promise<SubmitForm> {
    await this.submit.click();
    return this.openedSubmit();
  }

  // The form, once its button was pressed.
  async openedSubmit(): Promise<SubmitForm> {
    return new SubmitForm(await this.form('Submit Task'));
  }

  async openParameters(): Promise<ParametersForm> {
    await this.moreOptions.click();
    await this.page.getByRole('button', { name: 'Configure Task Parameters' }).click();
    return new ParametersForm(await this.form('Configure Task Parameters'));
  }

  // Submits under an id of the user's choice and comes back to the list.
  async submitAs(id: string, delaySeconds?: number): Promise<void> {
    const form = await this.openSubmit();
    await form.chooseId(id);
    if (delaySeconds !== undefined) await form.delay(String(delaySeconds));
    await form.ok.click();
    await this.says('The task was submitted.');
    await expect(this.row(id)).toBeVisible();
  }
}

// SC-13.
export class SubmitForm {
  readonly method: Locator;
  readonly execution: Locator;
  readonly taskId: Locator;
  readonly delaySeconds: Locator;
  readonly ok: Locator;
  readonly alert: Locator;

  constructor(readonly scope: Locator) {
    this.method = scope.getByRole('group', { name: 'Task ID Generation Method' });
    this.execution = scope.getByRole('group', { name: 'Execution Time' });
    this.taskId = scope.getByLabel('Task ID', { exact: true });
    this.delaySeconds = scope.getByLabel('Delay (seconds)');
    this.ok = scope.getByRole('button', { name: 'OK' });
    this.alert = scope.getByRole('alert');
  }

  async chooseId(id: string): Promise<void> {
    await this.method.getByRole('radio', { name: 'Custom' }).check();
    await this.taskId.fill(id);
  }

  async delay(seconds: string): Promise<void> {
    await this.execution.getByRole('radio', { name: 'After a delay' }).check();
    await this.delaySeconds.fill(seconds);
  }
}

// SC-14.
export class ParametersForm {
  readonly event: Locator;
  readonly ok: Locator;

  constructor(readonly scope: Locator) {
    this.event = scope.getByLabel('Event', { exact: true });
    this.ok = scope.getByRole('button', { name: 'OK' });
  }
}
