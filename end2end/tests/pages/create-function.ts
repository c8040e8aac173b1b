import { Console } from './console.ts';

// SC-04.
export class CreateFunctionPage extends Console {
  readonly service = this.page.getByLabel('Service', { exact: true });
  readonly newService = this.page.getByLabel('New Service Name');
  readonly name = this.page.getByLabel('Function Name');
  readonly runtime = this.page.getByLabel('Runtime');
  readonly method = this.page.getByLabel('Code Upload Method');
  readonly file = this.page.getByLabel('Package');
  readonly handler = this.page.getByLabel('Handler', { exact: true });
  readonly memory = this.page.getByLabel('Memory (MB)');
  readonly cpu = this.page.getByLabel('vCPU');
  readonly disk = this.page.getByLabel('Temporary Disk');
  // The other one is that of a trigger.
  readonly timeZone = this.page.locator('[name="time_zone"]');
  readonly timeout = this.page.getByLabel('Execution Timeout (s)');
  readonly concurrency = this.page.getByLabel('Instance Concurrency');
  readonly create = this.page.getByRole('button', { name: 'Create', exact: true });

  // Takes the first installed runtime of a language; which versions there are depends on the machine.
  async chooseRuntime(language: 'python' | 'nodejs'): Promise<void> {
    const option = this.runtime.locator('option', { hasText: new RegExp(`^${language}`) }).first();
    await this.runtime.selectOption((await option.getAttribute('value'))!);
  }

  async nameService(name: string): Promise<void> {
    await this.service.selectOption({ label: 'New service' });
    await this.newService.fill(name);
  }

  async upload(name: string, buffer: Buffer): Promise<void> {
    await this.method.selectOption({ label: 'Upload ZIP' });
    await this.file.setInputFiles({ name, mimeType: 'application/zip', buffer });
  }
}
