import { readFile } from 'node:fs/promises';
import { Console } from './pages/console.ts';
import { TasksPage } from './pages/tasks.ts';
import { FAILS_ON_REQUEST } from './support/codes.ts';
import { expect, test } from './support/test.ts';

test('B-19 what the filters show is had as CSV and as JSON lines', async ({ console, page, workspace }) => {
  const fn = await workspace.makeFunction(FAILS_ON_REQUEST, { maxAsyncRetryAttempts: 0 });
  for (const [id, event, end] of [['good', 'fine', 'Succeeded'], ['bad', 'fail, "please"', 'Failed']] as const) {
    await workspace.submit(fn, id, event);
    await workspace.reaches(fn, id, end);
  }
  const tasks = new TasksPage(page, console.javaScript);
  const download = async (words: string): Promise<string> => {
    const file = page.waitForEvent('download');
    await page.getByRole('link', { name: words, exact: true }).click();
    return readFile(await (await file).path(), 'utf8');
  };
  await tasks.openOf(fn, '?status=Failed');
  await page.getByRole('link', { name: 'Export', exact: true }).click();
  await new Console(page, console.javaScript).shows('Export Tasks');
  await expect(tasks.fact('Filter')).toHaveText(`function ${fn.name}, status Failed`);
  await expect(page.getByRole('main')).toContainText('at most 100,000 tasks');

  const [head, row, ...rest] = (await download('CSV')).split('\r\n');
  expect(head).toMatch(/^invocationId,status,qualifier,/);
  expect(row).toMatch(/^bad,Failed,LATEST,/);
  // Quoted as CSV has it.
  expect(row).toContain('asked to fail by fail, \\""please\\""');
  expect(rest).toEqual(['']);
  const lines = (await download('JSON lines')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ invocationId: 'bad', status: 'Failed', retries: 0 }]);
});
