import { Console } from './console.ts';

// SC-01.
export class SignInPage extends Console {
  readonly user = this.page.getByLabel('User name');
  readonly password = this.page.getByLabel('Password');
  readonly button = this.page.getByRole('button', { name: 'Sign in' });

  async signIn(user: string, password: string): Promise<void> {
    await this.user.fill(user);
    await this.password.fill(password);
    await this.button.click();
  }
}
