import AxeBuilder from '@axe-core/playwright';
import { CodePage } from './pages/code.ts';
import { expectFieldError } from './pages/console.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';

const EDITED = 'def handler(event, context):\n    return "edited"\n';

test('SC-08 B-11 a file is edited, compared with what is deployed, and deployed', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const code = new CodePage(page, console.javaScript);
  await code.openOf(fn);
  await code.shownText('index.py', 'print("got %s"');
  const checksum = await code.fact('Checksum (CRC-64)').innerText();

  await code.write('index.py', EDITED);
  await code.showChanges.click();
  await expect(code.changes.getByRole('row').filter({ hasText: 'return "edited"' })).toContainText('+');
  await expect(page.getByRole('status').filter({ hasText: /added, \d+ lines? removed\.$/ })).toBeVisible();
  if (console.javaScript) expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await code.deploy.click();
  await code.says('The code was updated. It runs from the next invocation on.');
  await expect(code.fact('Checksum (CRC-64)')).not.toHaveText(checksum);
  await code.shownText('index.py', 'return "edited"');
  await expect(page.getByText('Undeployed changes')).toHaveCount(0);
  await expect(code.changes).toHaveCount(0);

  // Once more from what was deployed, without a reload.
  await code.write('index.py', EDITED.replace('edited', 'again'));
  await code.deploy.click();
  await expect(page.getByText('Undeployed changes')).toHaveCount(0);
  await code.reload();
  await code.shownText('index.py', 'return "again"');
});

test('SC-08 B-11 files are created, renamed and deleted, and what that changes is shown before', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const code = new CodePage(page, console.javaScript);
  const file = (path: string) => code.files.getByRole('link', { name: path });
  const deployed = () => code.says('The code was updated. It runs from the next invocation on.');
  await code.openOf(fn);
  guard.expectRefusal(400);
  await code.newFile('../evil.py');
  await code.deploy.click();
  await expectFieldError(code.path, 'Enter a path within the package, such as lib/util.py.');
  await code.path.fill('lib/util.py');
  await code.write('../evil.py', 'WORD = "new"\n');
  await code.showChanges.click();
  await expect(code.changes).toContainText('lib/util.py is created.');
  await expect(code.changes.getByRole('row').filter({ hasText: 'WORD = "new"' })).toContainText('+');
  if (console.javaScript) expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await expect(code.files.getByText('lib/', { exact: true }), 'nothing is deployed by looking').toHaveCount(0);
  await code.deploy.click();
  await deployed();
  await code.shownText('lib/util.py', 'WORD = "new"');
  await expect(page.getByText('Undeployed changes')).toHaveCount(0);

  await code.path.fill('index.py');
  await code.deploy.click();
  await expectFieldError(code.path, 'The package has a file or folder of this path already.');
  await code.path.fill('words.py');
  await code.showChanges.click();
  await expect(code.changes).toContainText('lib/util.py becomes words.py.');
  await code.deploy.click();
  await expect(file('words.py')).toHaveAttribute('aria-current', 'true');
  await code.shownText('words.py', 'WORD = "new"');

  await code.deletes.check();
  await code.showChanges.click();
  await expect(code.changes).toContainText('words.py is deleted.');
  await expect(code.changes.getByRole('row').filter({ hasText: 'WORD = "new"' })).toContainText('−');
  await code.deploy.click();
  await expect(file('words.py')).toHaveCount(0);
  await code.shownText('index.py', 'print("got %s"');
});

test('C-85 who deploys over code that somebody else deployed is told, and may compare', async ({ console, guard, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  const code = new CodePage(page, console.javaScript);
  await code.openOf(fn);
  await code.shownText('index.py', 'print("got %s"');
  await workspace.changeFunction(fn, { code: 'THEIRS = 1\n' });
  guard.expectRefusal(412);
  await code.write('index.py', EDITED);
  await code.deploy.click();
  await expect(code.alert).toContainText('Somebody deployed other code meanwhile');
  await code.shownText('index.py', 'return "edited"');
  await code.showChanges.click();
  await expect(code.changes.getByRole('row').filter({ hasText: 'THEIRS = 1' })).toContainText('−');
  await code.deploy.click();
  await code.says('The code was updated.');
});

test.describe('in the editor', { tag: '@javascript' }, () => {
  test('SC-08 B-11 leaving edits asks, and the keyboard leads out', async ({ page, workspace }) => {
    const fn = await workspace.makeFunction(ECHO);
    const code = new CodePage(page, true);
    await code.openOf(fn);
    await code.write('index.py', EDITED);

    const questions: string[] = [];
    let answer = false;
    page.on('dialog', async (dialog) => {
      questions.push(dialog.message());
      await (answer ? dialog.accept() : dialog.dismiss());
    });
    const tab = code.functionTabs.getByRole('link', { name: 'Configurations', exact: true });
    await tab.click();
    expect(questions).toEqual(['What was written here is not deployed. Leave it?']);
    await code.shownText('index.py', 'return "edited"');
    await code.shows('Code');

    // Tab indents; after Esc it goes on to what comes next.
    const editor = page.locator('code-editor').getByRole('textbox');
    await editor.click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Tab');
    await expect(editor).toBeFocused();
    await expect(page.locator('textarea[name=text]'), 'what the form sends').toHaveValue(/^ {4}def handler/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await expect(editor).not.toBeFocused();
    await expect(page.getByText('Esc, then Tab leaves the editor.')).toBeVisible();

    answer = true;
    await tab.click();
    await code.shows('Configurations');
    expect(questions).toHaveLength(2);
  });
});
