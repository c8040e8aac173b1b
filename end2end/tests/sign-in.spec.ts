import { PASSWORD } from '../lib/server.mjs';
import { SignInPage } from './pages/sign-in.ts';
import { expect, test } from './support/test.ts';
import { REGION } from './support/workspace.ts';

test.use({ signedIn: false });

test.describe('SC-01 sign in', () => {
  let signIn: SignInPage;

  test.beforeEach(({ page, console }) => {
    signIn = new SignInPage(page, console.javaScript);
  });

  test('SC-01 a wrong password shows an alert and keeps the user name', async ({ guard }) => {
    await signIn.open('/login');
    await signIn.shows('Sign in');
    guard.expectRefusal(403);
    await signIn.signIn('admin', 'not the password');
    await expect(signIn.alert).toContainText('The user name or password is not correct.');
    await expect(signIn.alert).toBeFocused();
    await expect(signIn.user).toHaveValue('admin');
    await expect(signIn.password).toHaveValue('');
    await signIn.ready();
    await signIn.signIn('admin', PASSWORD);
    await signIn.loaded(new RegExp(`/${REGION}/overview$`));
    await signIn.shows('Overview');
  });

  test('SC-01 too many attempts have to wait', async ({ guard, page, workspace }) => {
    const user = workspace.name('nobody');
    await signIn.open('/login');
    guard.expectRefusal(403);
    guard.expectRefusal(429);
    const attempt = async (): Promise<number> => {
      const answer = page.waitForResponse((response) => response.request().method() === 'POST');
      await signIn.signIn(user, 'guess');
      const status = (await answer).status();
      await expect(signIn.alert).toBeVisible();
      await signIn.ready();
      return status;
    };
    // Five are free. After that the wait doubles with each, so however slow this is, one of the next comes too early.
    let attempts = 1;
    while ((await attempt()) !== 429 && attempts < 15) attempts += 1;
    expect(attempts).toBeGreaterThan(5);
    await expect(signIn.alert).toContainText(/Too many attempts\. Try again in \d+ s\./);
  });

  test('SC-01 a deep link leads to its page after signing in', async ({ page }) => {
    const deep = `/${REGION}/services?search=de`;
    await page.goto(deep);
    await expect(page).toHaveURL(/\/login\?next=/);
    await signIn.ready();
    await signIn.signIn('admin', PASSWORD);
    await page.waitForURL(`**${deep}`);
    await signIn.shows('Services');
    await expect(page.getByRole('searchbox')).toHaveValue('de');
  });

  for (const target of ['https://evil.example/', '//evil.example/tasks', '/\\evil.example']) {
    test(`SC-01 the open redirect to ${target} is ignored`, async ({ page, baseURL }) => {
      await signIn.open(`/login?next=${encodeURIComponent(target)}`);
      await signIn.signIn('admin', PASSWORD);
      await signIn.loaded(`${baseURL}/${REGION}/overview`);
      await signIn.shows('Overview');
      expect(new URL(page.url()).origin).toBe(baseURL);
    });
  }

  test('SC-01 signing out ends the session', async ({ page }) => {
    await signIn.open('/login');
    await signIn.signIn('admin', PASSWORD);
    await signIn.loaded(/\/overview$/);
    // What the palette remembers goes with the user.
    const recent = '[{"kind":"Page","words":"Audit","place":"","href":"/audit"}]';
    if (signIn.javaScript) await page.evaluate((recent) => localStorage.setItem('taskyard-recent', recent), recent);
    await page.getByRole('button', { name: 'User admin' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn.loaded(/\/login\?notice=/);
    await signIn.says('You have signed out.');
    if (signIn.javaScript) expect(await page.evaluate(() => localStorage.getItem('taskyard-recent'))).toBeNull();
    await page.goto(`/${REGION}/services`);
    await expect(page).toHaveURL(/\/login\?next=/);
  });
});
