import type { Locator } from '@playwright/test';
import { REGION } from '../support/workspace.ts';
import { FunctionList } from './task-functions.ts';

// SC-22.
export class VersionsPage extends FunctionList {
  readonly serviceTabs = this.page.getByRole('navigation', { name: 'Service', exact: true });
  readonly publish = this.page.getByRole('button', { name: 'Publish Version', exact: true });
  readonly createAlias = this.page.getByRole('button', { name: 'Create Alias', exact: true });

  async openOf(service: string, list: 'versions' | 'aliases'): Promise<void> {
    await this.open(`/${REGION}/services/${service}/${list}`);
    await this.shows(list === 'versions' ? 'Versions' : 'Aliases');
  }

  async openPublish(): Promise<Locator> {
    await this.publish.click();
    return this.form('Publish Version');
  }

  async openCreateAlias(): Promise<AliasForm> {
    await this.createAlias.click();
    return new AliasForm(await this.form('Create Alias'));
  }

  async openModify(alias: string): Promise<AliasForm> {
    await this.page.getByRole('link', { name: `Modify ${alias}`, exact: true }).click();
    await this.shows(`Modify alias ${alias}`);
    return new AliasForm(this.page.getByRole('main'));
  }
}

export class AliasForm {
  readonly name: Locator;
  readonly version: Locator;
  readonly canary: Locator;
  readonly weight: Locator;
  readonly description: Locator;
  readonly ok: Locator;

  constructor(readonly scope: Locator) {
    this.name = scope.getByLabel('Alias Name');
    this.version = scope.getByLabel('Main Version');
    this.canary = scope.getByLabel('Canary Version');
    this.weight = scope.getByLabel('Weight (%)');
    this.description = scope.getByLabel('Description');
    this.ok = scope.getByRole('button', { name: 'OK' });
  }
}
