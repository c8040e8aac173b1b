import type { Locator } from '@playwright/test';
import { Console } from './console.ts';

// SC-11.
export class PolicyPage extends Console {
  readonly modify = this.page.getByRole('button', { name: 'Modify', exact: true });

  async openPanel(): Promise<PolicyPanel> {
    await this.modify.click();
    return new PolicyPanel(await this.form('Modify the Policy for Asynchronous Mode'));
  }
}

export class PolicyPanel {
  readonly taskMode: Locator;
  readonly retries: Locator;
  readonly lifetime: Locator;
  readonly ok: Locator;
  readonly alert: Locator;

  constructor(readonly scope: Locator) {
    this.taskMode = scope.getByRole('group', { name: 'Task Mode' });
    this.retries = scope.getByLabel('Maximum Retries');
    this.lifetime = scope.getByLabel('Maximum Message Lifetime (seconds)');
    this.ok = scope.getByRole('button', { name: 'OK' });
    this.alert = scope.getByRole('alert');
  }

  mode(choice: 'Enable' | 'Disable'): Locator {
    return this.taskMode.getByRole('radio', { name: choice });
  }
}
