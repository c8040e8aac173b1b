import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './support/test.ts';

// Whoever changes the kit looks at these two pictures in the report; they are compared with none, since fonts differ between machines.
test('the kit in all its states, light and dark', { tag: '@javascript' }, async ({ console, page }, info) => {
  await console.open('/-/components');
  await console.shows('Components');
  await expect(page.locator('code-editor').getByRole('textbox', { name: 'Text of index.py' })).toContainText('json.dumps');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await info.attach(`components-${colorScheme}.png`, { body: await page.screenshot({ fullPage: true }), contentType: 'image/png' });
    expect.soft((await new AxeBuilder({ page }).analyze()).violations, colorScheme).toEqual([]);
  }
});
