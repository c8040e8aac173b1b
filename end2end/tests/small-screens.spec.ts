// On a phone the rows of a list are cards, their actions are in a menu, and what is seldom wanted is folded away (B-24).
import { TasksPage } from './pages/tasks.ts';
import { gallery, PICTURES } from './support/gallery.ts';
import { expect, test } from './support/test.ts';
import { REGION, SERVICE } from './support/workspace.ts';

test.use({ viewport: { width: 320, height: 740 } });

// What a cell shows before its value.
const words = (cell: Element) => getComputedStyle(cell, '::before').content;

test('B-24 a task is a card: its id, its state, values behind their columns’ words, actions in a menu', async ({ console, page }) => {
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.openOf(gallery());
  await expect(console.functionTabs.locator('[aria-current]'), 'the current tab is in sight').toBeInViewport({ ratio: 1 });
  const card = tasks.row(PICTURES.failed);
  const heading = card.getByRole('link', { name: PICTURES.failed, exact: true });
  // It is a table still for who is read to.
  await expect(card.getByRole('cell')).toHaveCount(9);
  const top = async (part = card) => (await part.boundingBox())!.y;
  expect(await top(heading)).toBeLessThan(await top(tasks.status(PICTURES.failed)));
  const start = card.getByRole('cell').filter({ has: page.locator('time') }).first();
  expect(await start.evaluate(words)).toContain('Start Time');
  expect(await top(tasks.status(PICTURES.failed))).toBeLessThan(await top(start));

  const reexecute = tasks.action('Re-execute', PICTURES.failed);
  await expect(reexecute).toBeHidden();
  await card.getByRole('button', { name: `Actions of ${PICTURES.failed}` }).click();
  await expect(reexecute).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(reexecute).toBeHidden();
  await card.getByRole('button', { name: `Actions of ${PICTURES.failed}` }).click();
  await card.getByRole('link', { name: `View Logs ${PICTURES.failed}` }).click();
  await tasks.shows(PICTURES.failed);
});

test('B-24 SC-17 more filters are folded away, and cards are chosen', async ({ console, page }) => {
  const tasks = new TasksPage(page, console.javaScript);
  await tasks.open(`/${REGION}/all-tasks?service=${SERVICE}&function=${gallery().name}`);
  const service = tasks.filters.getByLabel('Service');
  await expect(tasks.prefix).toBeVisible();
  await expect(service).toBeHidden();
  await tasks.filters.getByRole('button', { name: 'More filters' }).click();
  await expect(service).toBeVisible();
  await expect(service).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Escape');
  await page.getByRole('checkbox', { name: `Select ${PICTURES.failed} of ${gallery().name}` }).check();
  await page.getByRole('button', { name: 'Re-execute selected' }).click();
  await tasks.shows('Re-execute 1 task');
});
