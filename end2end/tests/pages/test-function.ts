import type { Fn } from '../support/workspace.ts';
import { Console } from './console.ts';

// SC-15.
export class TestPage extends Console {
  readonly qualifier = this.page.getByLabel('Version or Alias');
  readonly event = this.page.getByLabel('Event', { exact: true });
  readonly run = this.page.getByRole('button', { name: 'Test Function' });
  readonly cancel = this.page.getByRole('button', { name: 'Cancel' });
  readonly result = this.page.getByRole('region', { name: 'Result', exact: true });
  readonly value = this.result.getByRole('region', { name: 'Return Value' });
  readonly error = this.result.getByRole('region', { name: 'Error', exact: true });
  readonly stackTrace = this.result.getByRole('region', { name: 'Stack trace' });
  readonly log = this.result.getByRole('region', { name: 'Log Output' });

  async openOf(fn: Fn, query = ''): Promise<void> {
    await this.open(fn.path('test') + query);
    await this.shows('Test Function');
  }

  // Runs the function with this event and waits for what comes of it.
  async runWith(event: string): Promise<void> {
    await this.event.fill(event);
    await this.run.click();
    await this.result.getByText('Request Information').waitFor();
    await this.ready();
  }
}
