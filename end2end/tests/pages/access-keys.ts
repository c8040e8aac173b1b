import type { Locator } from '@playwright/test';
import { expect } from '../support/expect.ts';
import { REGION } from '../support/workspace.ts';
import { Console } from './console.ts';

// The access keys of the API: list, form, and what is shown of a new one.
export class AccessKeysPage extends Console {
  readonly name = this.page.getByLabel('Name', { exact: true });
  readonly policy = this.page.getByLabel('Policy');
  readonly services = this.page.getByLabel('Services');
  readonly create = this.page.getByRole('button', { name: 'Create', exact: true });
  readonly secret = this.fact('Access Key Secret').locator('code');

  async openList(): Promise<void> {
    await this.open(`/${REGION}/access-keys`);
    await this.shows('Access Keys');
  }

  async openForm(): Promise<void> {
    await this.openList();
    await this.page.getByRole('link', { name: 'Create Access Key', exact: true }).click();
    await this.shows('Create Access Key');
  }

  // Makes a key and returns what signs with it.
  async make(name: string, policy: string, services = ''): Promise<{ id: string; secret: string }> {
    await this.openForm();
    await this.name.fill(name);
    await this.policy.selectOption({ label: policy });
    await this.services.fill(services);
    await this.create.click();
    await expect(this.secret).toHaveText(/^[\w-]{40}$/);
    return { id: await this.fact('Access Key ID').locator('code').innerText(), secret: await this.secret.innerText() };
  }

  row(name: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('cell', { name, exact: true }) });
  }
}
