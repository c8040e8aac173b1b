import type { Locator, Page } from '@playwright/test';
import { expect } from '../support/expect.ts';
import type { Fn } from '../support/workspace.ts';
import { Console } from './console.ts';

// A function's tab `Code`: its files, and one of them in an editor.
export class CodePage extends Console {
  readonly deploy: Locator;
  readonly showChanges: Locator;
  readonly changes: Locator;
  readonly files: Locator;
  // Where the opened file is to be, if anywhere.
  readonly path: Locator;
  readonly deletes: Locator;

  constructor(page: Page, javaScript: boolean) {
    super(page, javaScript);
    this.deploy = page.getByRole('button', { name: 'Deploy', exact: true });
    this.showChanges = page.getByRole('button', { name: 'Show Changes', exact: true });
    this.changes = page.getByRole('region', { name: 'Changes', exact: true });
    this.path = page.getByRole('textbox', { name: 'Path', exact: true });
    this.deletes = page.getByRole('checkbox', { name: 'Delete this file' });
    this.files = page.getByRole('navigation', { name: 'Files of the package' });
  }

  async openOf(fn: Fn, query = ''): Promise<void> {
    await this.open(`${fn.path('code')}${query}`);
  }

  async newFile(path: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Path of the new file' }).fill(path);
    await this.page.getByRole('button', { name: 'New File' }).click();
  }

  // The editor, or without scripts the text area.
  editor(file: string): Locator {
    return this.page.getByRole('textbox', { name: `Text of ${file}`, exact: true });
  }

  async shownText(file: string, part: string): Promise<void> {
    if (this.javaScript) await expect(this.page.locator('code-editor').getByRole('textbox')).toContainText(part);
    else await expect(this.editor(file)).toHaveValue(new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  }

  // Writes another text; the editor is there when its file has come.
  async write(file: string, text: string): Promise<void> {
    if (!this.javaScript) return this.editor(file).fill(text);
    await this.page.locator('code-editor').getByRole('textbox').click();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.insertText(text);
    await expect(this.page.getByText('Undeployed changes')).toBeVisible();
  }
}
