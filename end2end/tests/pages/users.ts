import type { Browser, BrowserContext, Locator } from '@playwright/test';
import { expect } from '../support/expect.ts';
import { REGION } from '../support/workspace.ts';
import { Console } from './console.ts';
import { SignInPage } from './sign-in.ts';

// The users of the console: list, form, and a user's own page.
export class UsersPage extends Console {
  readonly name = this.page.getByLabel('User name');
  readonly role = this.page.getByLabel('Role');
  readonly create = this.page.getByRole('button', { name: 'Create', exact: true });
  readonly password = this.fact('Password').locator('code');

  async openList(): Promise<void> {
    await this.open(`/${REGION}/users`);
    await this.shows('Users');
  }

  // Makes a user and returns the generated password.
  async make(name: string, role: string): Promise<string> {
    await this.openList();
    await this.page.getByRole('link', { name: 'Create User', exact: true }).click();
    await this.shows('Create User');
    await this.name.fill(name);
    await this.role.selectOption({ label: role });
    await this.create.click();
    await expect(this.password).toHaveText(/^[\w-]{24}$/);
    return this.password.innerText();
  }

  row(name: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('link', { name, exact: true }) });
  }
}

// Signs in elsewhere, as somebody else.
export async function enter(browser: Browser, baseURL: string, javaScript: boolean, user: string, password: string): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL, javaScriptEnabled: javaScript, storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  const signIn = new SignInPage(page, javaScript);
  await signIn.open('/login');
  await signIn.signIn(user, password);
  await page.waitForURL(/\/(overview|tasks)$/);
  return context;
}
