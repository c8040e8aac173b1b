import type { Locator } from '@playwright/test';
import type { Fn } from '../support/workspace.ts';
import { FunctionList } from './task-functions.ts';

// SC-09.
export class TriggersPage extends FunctionList {
  readonly create = this.page.getByRole('button', { name: 'Create Trigger', exact: true });

  // The name of a trigger is no link.
  override row(name: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('cell', { name, exact: true }) });
  }

  async openOf(fn: Fn): Promise<void> {
    await this.open(fn.path('triggers'));
    await this.shows('Triggers');
  }

  async openCreate(): Promise<TriggerForm> {
    await this.create.click();
    return new TriggerForm(await this.form('Create Trigger'));
  }

  async openModify(name: string): Promise<TriggerForm> {
    await this.openActions(this.row(name));
    await this.page.getByRole('link', { name: `Modify ${name}`, exact: true }).click();
    await this.shows(`Modify trigger ${name}`);
    return new TriggerForm(this.page.getByRole('main'));
  }

  async press(words: 'Enable' | 'Disable' | 'Run now', name: string): Promise<void> {
    await this.openActions(this.row(name));
    await this.page.getByRole('button', { name: `${words} ${name}`, exact: true }).click();
  }

  // The program that calls an HTTP trigger.
  curl(name: string): Locator {
    return this.page.getByRole('region', { name: `curl command of ${name}`, exact: true });
  }
}

// SC-10.
export class TriggerForm {
  readonly kind: Locator;
  readonly name: Locator;
  readonly mode: Locator;
  readonly interval: Locator;
  readonly cron: Locator;
  readonly message: Locator;
  readonly auth: Locator;
  readonly runs: Locator;
  readonly ok: Locator;

  constructor(readonly scope: Locator) {
    this.kind = scope.getByLabel('Trigger Type');
    this.name = scope.getByLabel('Name', { exact: true });
    this.mode = scope.getByLabel('Trigger Mode');
    this.interval = scope.getByLabel('Interval (minutes)');
    this.cron = scope.getByLabel('CRON Expression');
    this.message = scope.getByLabel('Trigger Message');
    this.auth = scope.getByLabel('Authentication Method');
    this.runs = scope.getByRole('region', { name: 'Next runs' }).getByRole('listitem');
    this.ok = scope.getByRole('button', { name: 'OK' });
  }
}
