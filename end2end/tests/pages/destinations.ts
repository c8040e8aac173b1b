import type { Locator } from '@playwright/test';
import { Console } from './console.ts';

// SC-11, its second half.
export class DestinationsPage extends Console {
  readonly modify = this.page.getByRole('button', { name: 'Modify destinations' });

  async openPanel(): Promise<DestinationsPanel> {
    await this.modify.click();
    return new DestinationsPanel(await this.form('Modify Destinations'));
  }
}

export class DestinationsPanel {
  readonly onSuccess: Locator;
  readonly onFailure: Locator;
  readonly ok: Locator;

  constructor(readonly scope: Locator) {
    this.onSuccess = scope.getByLabel('On Success');
    this.onFailure = scope.getByLabel('On Failure');
    this.ok = scope.getByRole('button', { name: 'OK' });
  }
}
