import { LogsPage } from './pages/logs.ts';
import { TaskPage } from './pages/task.ts';
import { CHATTY, SPEAKS } from './support/codes.ts';
import { countLoads } from './support/loads.ts';
import { expect, test } from './support/test.ts';
import type { Fn, Workspace } from './support/workspace.ts';

// Runs the function and waits for its end: its lines are stored then.
async function run(workspace: Workspace, fn: Fn, id: string, event = id): Promise<void> {
  await workspace.submit(fn, id, event);
  await workspace.reaches(fn, id, 'Succeeded');
}

test.describe('SC-16 logs of a function', () => {
  test('i4 C-77 lines are found by text, level, request and instance', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    await run(workspace, fn, 'first');
    await run(workspace, fn, 'second');
    await logs.openOf(fn);
    for (const id of ['first', 'second']) {
      await expect(logs.line(`says ${id}`)).toHaveCount(1);
      await expect(logs.line(`fails ${id}`)).toHaveCount(1);
    }
    await expect(logs.line('FC Invoke Start')).toHaveCount(2);
    await expect(logs.log, 'nothing is read out by itself').toHaveAttribute('aria-live', 'off');

    await logs.searchFor({ text: 'SAYS FIRST' });
    await logs.expectTexts(['says first']);
    await expect(page).toHaveURL(/[?&]text=SAYS(\+|%20)FIRST(&|$)/);
    await logs.reload();
    await logs.expectTexts(['says first']);
    await expect(logs.text, 'the address is the state').toHaveValue('SAYS FIRST');

    await logs.searchFor({ text: '', level: 'ERROR' });
    await logs.expectTexts([/\[ERROR\] fails first$/, /\[ERROR\] fails second$/]);
    await logs.searchFor({ text: 'second' });
    await logs.expectTexts([/\[ERROR\] fails second$/]);

    const { requestId } = await workspace.task(fn, 'first');
    await logs.searchFor({ text: '', level: '', requestId });
    await expect(logs.line('says first')).toHaveCount(1);
    await expect(logs.line('second')).toHaveCount(0);
    const instance = `${fn.path('logs')}?instanceId=c-none`;
    await console.open(instance);
    await expect(logs.instanceId).toHaveValue('c-none');
    await expect(logs.lines).toHaveCount(0);
  });

  test('i4 C-77 a line leads to the other lines of its request', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    await run(workspace, fn, 'first');
    await run(workspace, fn, 'second');
    const { requestId } = await workspace.task(fn, 'second');
    await logs.openOf(fn, '?text=says');
    await logs.expectTexts(['says first', 'says second']);
    await logs.line('says second').getByRole('link', { name: requestId.slice(-8) }).click();
    await expect(logs.requestId).toHaveValue(requestId);
    await expect(logs.line('fails second')).toHaveCount(1);
    await expect(logs.line('first')).toHaveCount(0);
  });

  test('i4 C-77 only lines of the window are found, and a window without lines says so', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    await run(workspace, fn, 'only');
    const { startedTime, endTime } = await workspace.task(fn, 'only');
    await logs.openOf(fn, `?text=says&from=0&to=${startedTime - 60_000}`);
    await expect(logs.log).toHaveText('No logs in this time range');
    await logs.openOf(fn, `?text=says&from=${startedTime - 60_000}&to=${endTime + 60_000}`);
    await logs.expectTexts(['says only']);
    await logs.openOf(fn, `?text=says&from=${endTime + 60_000}`);
    await expect(logs.log).toHaveText('No logs in this time range');
    await page.getByRole('link', { name: 'Last 15 minutes', exact: true }).click();
    await expect(logs.range).toHaveValue('15');
    await logs.expectTexts(['says only']);
    await logs.searchFor({ text: 'says', minutes: '60' });
    await logs.expectTexts(['says only']);
    await expect(page).toHaveURL(/[?&]minutes=60(&|$)/);
    await logs.searchFor({ text: 'never written' });
    await expect(logs.log).toHaveText('No logs in this time range');
    await expect(page.getByRole('link', { name: 'Last 7 days', exact: true })).toHaveAttribute('href', /[?&]text=never(\+|%20)written&minutes=10080$/);
  });

  test('i4 B-13 C-77 many lines come page by page, and the address of one leads to it in any page', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(CHATTY);
    const logs = new LogsPage(page, console.javaScript);
    await run(workspace, fn, 'chatty', '1500');
    await logs.openOf(fn, '?text=line');
    await expect(logs.line(/line 0$/)).toHaveCount(1);
    await expect(logs.line(/line 1499$/)).toHaveCount(0);
    await logs.more.click();
    await expect(logs.line(/line 1499$/)).toHaveCount(1);
    await expect(logs.line(/line 0$/)).toHaveCount(0);
    await expect(logs.more).toHaveCount(0);

    await logs.openOf(fn, '?text=line%201201');
    const link = logs.lines.getByRole('link', { name: /^Link to line / });
    // Before it the platform has said that the request begins, and perhaps more.
    const number = Number(/\d+/.exec((await link.getAttribute('aria-label'))!)![0]);
    await link.click();
    await expect(page).toHaveURL(new RegExp(`[?&]line=${number}#line-${number}$`));
    await expect(logs.numbered(number)).toContainText('line 1201');
    await logs.expectMarked(logs.numbered(number));
    await expect(page.getByText('From line 1,001 on.')).toBeVisible();
    await logs.reload();
    await logs.expectMarked(logs.numbered(number));
    const task = new TaskPage(page, console.javaScript);
    await console.open(fn.path(`tasks/chatty?log_line=${number}#line-${number}`));
    await task.shows('chatty');
    await logs.expectMarked(logs.numbered(number));
    await logs.numbered(number + 1).getByRole('link', { name: `Link to line ${number + 1}` }).click();
    await expect(page).toHaveURL(new RegExp(`\\?log_line=${number + 1}#line-${number + 1}$`));
    await logs.expectMarked(logs.numbered(number + 1));
  });

  test('i4 the file has the lines that the page was asked for', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    await run(workspace, fn, 'first');
    await run(workspace, fn, 'second');
    await logs.openOf(fn, '?level=ERROR');
    await logs.expectTexts([/fails first$/, /fails second$/]);
    const lines = (await logs.downloaded(`${fn.name}.log`)).trimEnd().split('\n');
    expect(lines).toEqual([expect.stringMatching(/\[ERROR\] fails first$/), expect.stringMatching(/\[ERROR\] fails second$/)]);
    await logs.reload();
    const objects = (await logs.downloaded(`${fn.name}.jsonl`, 'Download as JSON lines')).trimEnd().split('\n').map((line) => JSON.parse(line) as object);
    expect(objects, 'B-13').toEqual(['first', 'second'].map((id) => expect.objectContaining({ level: 'ERROR', text: expect.stringMatching(`fails ${id}$`) })));
  });

  test('B-13 lines are wrapped, or as long as they are in every log of this browser', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    await run(workspace, fn, 'long', 'long '.repeat(200));
    await logs.openOf(fn);
    await logs.expectLongLines(false);
    await logs.wrap.click();
    await logs.expectLongLines(true);
    await logs.reload();
    await logs.expectLongLines(true);
    await console.open(fn.path('tasks/long'));
    await logs.expectLongLines(true);
    await logs.wrap.click();
    await logs.expectLongLines(false);
    await console.reload();
    await logs.expectLongLines(false);
  });

  test('i4 what a line says is text, whatever it looks like', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    const hostile = '</li><script>document.title = "taken"</script><img src="x" onerror="document.title = \'taken\'"> &lt;b&gt;';
    await run(workspace, fn, 'hostile', hostile);
    await logs.openOf(fn, `?text=${encodeURIComponent('says </li><script>')}`);
    await logs.expectTexts([`says ${hostile}`]);
    await expect(logs.text).toHaveValue('says </li><script>');
    await expect(logs.log.locator('script, img, b')).toHaveCount(0);
    await expect(page).toHaveTitle(/^Logs/);
  });

  test('B-13 SC-16 colours are shown, raw in the file, and hits are marked across them', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    const raw = '\x1b[1;31mred\x1b[0m alert\x1b[2K, \x1b[38;2;0;200;0mgreen\x1b[m <b>';
    await run(workspace, fn, 'coloured', raw);
    await logs.openOf(fn, '?text=red%20ALERT');
    await logs.expectTexts(['says red alert, green <b>', /fails red alert, green <b>$/]);
    await expect(logs.hits).toHaveText(['red alert', 'red alert']);
    await logs.says('2 hits');
    const colour = (text: string) => logs.line('says').getByText(text, { exact: true }).evaluate((part) => getComputedStyle(part).color);
    expect(await colour('green')).not.toBe(await logs.line('says').locator('> span').evaluate((line) => getComputedStyle(line).color));
    await expect(logs.line('says').getByText('red', { exact: true })).toHaveCSS('font-weight', '600');
    if (console.javaScript) {
      await logs.nextHit.click();
      await logs.says('1 of 2');
      await logs.previousHit.click();
      await logs.says('2 of 2');
      await expect(logs.hits.nth(1)).toHaveAttribute('data-current', '');
      await expect(logs.hits.nth(0)).not.toHaveAttribute('data-current');
    }
    expect(await logs.downloaded()).toContain(`says ${raw}\n`);
    // The task's own page shows them too.
    const task = new TaskPage(page, console.javaScript);
    await task.openOf(fn, 'coloured');
    await expect(task.log.getByText('says red alert, green <b>', { exact: true })).toBeVisible();
    await task.find('alert, green');
    await expect(task.log.locator('mark')).toHaveText(['alert, green', 'alert, green']);
    await task.says('2 hits');
  });

  test('i4 SC-16 without scripts a link shows the lines as they are now', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    await run(workspace, fn, 'first');
    await logs.openOf(fn, '?text=says&minutes=60');
    await logs.expectTexts(['says first']);
    if (console.javaScript) {
      await expect(logs.reloadLink).toHaveCount(0);
      return;
    }
    await expect(logs.follow).toBeHidden();
    await run(workspace, fn, 'second');
    await logs.reloadLink.click();
    await logs.expectTexts(['says first', 'says second']);
    await expect(logs.range).toHaveValue('60');
    await expect(logs.text).toHaveValue('says');
  });
});

test.describe('SC-16 B-13 Follow', { tag: '@javascript' }, () => {
  test('i4 new lines that match appear as they are written, and only while it is on', async ({ console, context, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    const watcher = new LogsPage(await context.newPage(), console.javaScript);
    await run(workspace, fn, 'first');
    await logs.openOf(fn, '?text=says');
    await logs.expectTexts(['says first']);
    const loads = countLoads(page);
    await expect(logs.follow).toHaveAttribute('aria-pressed', 'false');
    await logs.beginToFollow();
    await expect(logs.follow).toHaveAttribute('aria-pressed', 'true');
    await expect(logs.log).toHaveAttribute('aria-live', 'polite');
    await run(workspace, fn, 'second');
    await logs.expectTexts(['says first', 'says second']);

    // Others are searched for: it goes on with those.
    await logs.searchFor({ text: 'fails' });
    await logs.expectTexts([/fails first$/, /fails second$/]);
    await logs.says('New lines appear as they are written.');
    await run(workspace, fn, 'third');
    await logs.expectTexts([/fails first$/, /fails second$/, /fails third$/]);

    await logs.follow.click();
    await expect(logs.follow).toHaveAttribute('aria-pressed', 'false');
    await expect(logs.log).toHaveAttribute('aria-live', 'off');
    await watcher.openOf(fn, '?text=says');
    await watcher.beginToFollow();
    await run(workspace, fn, 'fourth');
    // Another page has been told of it, so this one would have been too.
    await expect(watcher.line('says fourth')).toBeVisible();
    await expect(logs.line('fails fourth')).toHaveCount(0);
    await logs.follow.click();
    await expect(logs.line('fails fourth'), 'what was missed is caught up with').toBeVisible();
    await expect(logs.lines, 'and nothing comes twice').toHaveCount(4);
    expect(loads()).toBe(0);
  });

  test('i4 lines of a task that runs appear before it ends', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    await logs.openOf(fn);
    await logs.beginToFollow();
    await expect(logs.log).toHaveText('Nothing written yet.');
    await workspace.submit(fn, 'runs', 'wait');
    await expect(logs.line('says wait')).toBeVisible();
    expect((await workspace.task(fn, 'runs')).status).toBe('Running');
    await workspace.stop(fn, 'runs');
    await expect(logs.line('says wait')).toHaveCount(1);
  });

  test('i4 it pauses while earlier lines are read, and says how many wait', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(CHATTY);
    const logs = new LogsPage(page, console.javaScript);
    await logs.openOf(fn, '?text=line');
    await logs.beginToFollow();
    await run(workspace, fn, 'many', '300');
    await expect(logs.lines).toHaveCount(300);
    await logs.expectAtEnd();

    await logs.log.evaluate((log) => (log.scrollTop = 0));
    await logs.says('Paused while you read earlier lines.');
    await expect(logs.log).toHaveAttribute('aria-live', 'off');
    await run(workspace, fn, 'more', '7');
    await expect(logs.waiting).toHaveText('7 new lines');
    await expect(logs.lines, 'what is read stays where it is').toHaveCount(300);
    await expect(logs.log).toHaveJSProperty('scrollTop', 0);

    await logs.waiting.click();
    await expect(logs.lines).toHaveCount(307);
    await expect(logs.waiting).toHaveCount(0);
    await expect(logs.log, 'the focus is not lost').toBeFocused();
    await logs.expectAtEnd();
    await logs.says('New lines appear as they are written.');

    // By the keyboard too: up to read, and down to its end to go on.
    await page.keyboard.press('Home');
    await logs.says('Paused while you read earlier lines.');
    await page.keyboard.press('End');
    await logs.says('New lines appear as they are written.');
  });

  test('i4 a page that is not the last is followed from now on', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(CHATTY);
    const logs = new LogsPage(page, console.javaScript);
    await run(workspace, fn, 'many', '1500');
    await logs.openOf(fn, '?text=line');
    await expect(logs.more).toBeVisible();
    await logs.beginToFollow();
    await expect(logs.log).toHaveText('Nothing written yet.');
    await expect(logs.more).toHaveCount(0);
    await run(workspace, fn, 'new', '2');
    await logs.expectTexts(['line 0', 'line 1']);
  });

  test('i4 a window with an end is not followed', async ({ console, page, workspace }) => {
    const fn = await workspace.makeFunction(SPEAKS);
    const logs = new LogsPage(page, console.javaScript);
    await run(workspace, fn, 'first');
    const { endTime } = await workspace.task(fn, 'first');
    await logs.openOf(fn, `?text=says&from=0&to=${endTime + 60_000}`);
    await logs.expectTexts(['says first']);
    await expect(logs.follow).toHaveCount(0);
  });
});
