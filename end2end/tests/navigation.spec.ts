import { FunctionList } from './pages/task-functions.ts';
import { ECHO } from './support/codes.ts';
import { expect, test } from './support/test.ts';
import { EMPTY_REGION, REGION } from './support/workspace.ts';

const entry = { exact: true } as const;

test('C-01 both entries of the left navigation lead to their page and mark it', async ({ console, page }) => {
  const tasks = console.mainNav.getByRole('link', { name: 'Tasks', ...entry });
  const services = console.mainNav.getByRole('link', { name: 'Services & Functions', ...entry });
  await console.open('/');
  await console.shows('Overview');
  await console.openNav();
  await expect(console.mainNav.getByRole('link').first()).toHaveText('Overview');
  await expect(console.mainNav.getByRole('link').first()).toHaveAttribute('aria-current', 'page');
  await expect(tasks).not.toHaveAttribute('aria-current');
  await tasks.click();
  await console.shows('Task Execution Functions');
  await console.openNav();
  await expect(tasks).toHaveAttribute('aria-current', 'page');
  await expect(services).not.toHaveAttribute('aria-current');

  await services.click();
  await console.shows('Services');
  await expect(page).toHaveURL(`/${REGION}/services`);
  await console.openNav();
  await expect(services).toHaveAttribute('aria-current', 'page');
  await expect(tasks).not.toHaveAttribute('aria-current');

  await tasks.click();
  await console.shows('Task Execution Functions');
  await expect(page).toHaveURL(`/${REGION}/tasks`);
});

test('C-01 the current entry stays marked below it', async ({ console, page }) => {
  await console.open(`/${REGION}/services`);
  await page.getByRole('link', { name: 'demo', exact: true }).click();
  await console.shows('Functions');
  await console.openNav();
  await expect(console.mainNav.getByRole('link', { name: 'Services & Functions' })).toHaveAttribute('aria-current', 'page');
});

test('C-02 a region switch keeps the kind of page', async ({ console, page }) => {
  await console.open(`/${REGION}/services`);
  await expect(console.region).toHaveValue(REGION);
  await console.switchRegion(EMPTY_REGION);
  await expect(page).toHaveURL(`/${EMPTY_REGION}/services`);
  await console.shows('Services');
  await expect(console.region).toHaveValue(EMPTY_REGION);
  await expect(page.getByRole('heading', { name: 'No services yet' })).toBeVisible();

  await console.openNav();
  await console.mainNav.getByRole('link', { name: 'Tasks', ...entry }).click();
  await expect(page).toHaveURL(`/${EMPTY_REGION}/tasks`);
  await console.switchRegion(REGION);
  await expect(page).toHaveURL(`/${REGION}/tasks`);
  await expect(new FunctionList(page, console.javaScript).link('ev-hello')).toBeVisible();
});

test('C-02 where the thing on the page does not exist, the switch leads to the list above it', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(ECHO);
  await console.open(fn.path('tasks'));
  await console.switchRegion(EMPTY_REGION);
  await expect(page).toHaveURL(`/${EMPTY_REGION}/services`);
  await console.shows('Services');
});

test('SC-03 a region with nothing in it says what to do', async ({ console, page }) => {
  await console.open(`/${EMPTY_REGION}/tasks`);
  await console.shows('Task Execution Functions');
  await expect(page.getByRole('heading', { name: 'No task execution functions' })).toBeVisible();
  await expect(page.getByText('Create a function here, or switch on task mode for an existing one.')).toBeVisible();
  const main = page.getByRole('main');
  await expect(main.getByRole('link', { name: /^Services & Functions/ })).toHaveAttribute('href', `/${EMPTY_REGION}/services`);
  await main.getByRole('link', { name: 'Create Function', exact: true }).click();
  await console.shows('Create Function');
  await expect(page).toHaveURL(`/${EMPTY_REGION}/create-task-function`);
});

test('C-03 C-16 the list names the functions of the region and leads to their tasks', async ({ console, page, workspace }) => {
  const list = new FunctionList(page, console.javaScript);
  const fn = await workspace.makeFunction(ECHO);
  await list.open(`/${REGION}/tasks`);
  await expect(page.getByRole('columnheader', { name: 'Function Name' })).toBeVisible();
  await expect(list.link('ev-hello')).toBeVisible();
  await expect(await list.cell('ev-hello', 'Service')).toHaveText('demo');
  await expect(list.row('ev-plain'), 'task mode is off').toHaveCount(0);
  await list.search(fn.name);
  await expect(list.row('ev-hello')).toHaveCount(0);
  await expect(list.row(fn.name).getByRole('link', { name: /^View Tasks/ })).toHaveAttribute('href', fn.path('tasks'));
  await list.link(fn.name).click();
  await expect(page).toHaveURL(fn.path('tasks'));
  await list.shows('Asynchronous Tasks');
  await expect(list.functionTabs.getByRole('link', { name: 'Asynchronous Tasks' })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByRole('button', { name: 'Submit Task', exact: true })).toBeVisible();
});

test('SC-03 a search that finds nothing can be cleared', async ({ console, page }) => {
  const list = new FunctionList(page, console.javaScript);
  await list.open(`/${REGION}/tasks`);
  await list.search('no-function-is-called-this');
  await expect(page.getByRole('heading', { name: 'Nothing matches these filters' })).toBeVisible();
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(list.link('ev-hello')).toBeVisible();
});

test('SC-03 an address that leads nowhere answers 404 and names the regions', async ({ console, guard, page }) => {
  const leads = async (path: string, words: string) => {
    guard.expectRefusal(404, path);
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(404);
    await console.ready();
    await console.shows('Not found');
    await expect(page.getByText(words)).toBeVisible();
    await expect(page.getByRole('main').getByRole('link', { name: REGION })).toHaveAttribute('href', `/${REGION}/tasks`);
  };
  await leads('/nowhere/tasks', 'This install has no region nowhere.');
  await leads(`/${REGION}/no-such-page`, 'This address leads to no page of the console.');
});

test('an address with a slash at its end leads to the page', async ({ console, page }) => {
  await console.open(`/${REGION}/services/`);
  await expect(page).toHaveURL(`/${REGION}/services`);
});

test('B-21 the theme is chosen once and stays', async ({ console, page, baseURL, context }) => {
  await console.open(`/${REGION}/tasks`);
  const background = () => page.locator('html').evaluate((html) => getComputedStyle(html).backgroundColor);
  const light = await background();
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect.poll(async () => (await context.cookies(baseURL)).find(({ name }) => name === 'taskyard_theme')?.value).toBe('dark');
  await console.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await background()).not.toBe(light);
});

test('i6 links, Back and Forward are followed without loading the page @javascript', async ({ console, page, context }) => {
  await console.open(`/${REGION}/tasks`);
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  const services = console.mainNav.getByRole('link', { name: 'Services & Functions', ...entry });
  await services.click();
  await console.shows('Services');
  await expect(page).toHaveTitle(`Services – ${REGION}`);
  await page.getByRole('link', { name: 'demo', exact: true }).click();
  await console.shows('Functions');
  // A second press of the same link adds nothing to go back through.
  await services.click();
  await services.click();
  await page.goBack();
  await expect(page).toHaveURL(`/${REGION}/services/demo/functions`);
  await console.shows('Functions');
  await page.goBack();
  await console.shows('Services');
  await page.goForward();
  await console.shows('Functions');
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);

  const opened = context.waitForEvent('page');
  await services.click({ modifiers: ['ControlOrMeta'] });
  await (await opened).waitForURL(`**/${REGION}/services`);
  await console.shows('Functions');
});

test('i6 a page is shown from its top @javascript', async ({ console, page }) => {
  await page.setViewportSize({ width: 1280, height: 300 });
  await console.open(`/${REGION}/services/demo/functions`);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await console.mainNav.getByRole('link', { name: 'Access Keys', ...entry }).click();
  await console.shows('Access Keys');
  expect(await page.evaluate(() => scrollY)).toBe(0);
});
