// What is made in the console itself, by its forms: users, keys, a saved view, a bulk action.
import { PASSWORD } from '../lib/server.mjs';
import { send } from './acts.mjs';
import { FUNCTIONS } from './fill.mjs';

export const VIEWER = 'vera';

async function post(page, path, fields, then) {
  await page.goto(path);
  await page.locator('html[data-hydrated="true"]').waitFor();
  await send(page, fields);
  await then();
}

// Returns what only the console knows.
export async function people(page, region) {
  const at = (path) => `/${region}/${path}`;
  const isMade = () => page.locator('main dd code').first().waitFor();
  for (const [name, role] of [['li-na', 'operator'], [VIEWER, 'viewer'], ['ci-bot', 'invoker']]) {
    const own = { password: PASSWORD, repeated: PASSWORD };
    await post(page, at('create-user'), { name, role, ...own }, () => page.locator('main [role="status"]').filter({ hasText: /./ }).waitFor({ state: 'attached' }));
  }
  await post(page, at('create-access-key'), { name: 'nightly build', policy: 'read-only', services: 'orders\nmedia' }, isMade);
  await post(page, at('create-access-key'), { name: '前端团队', policy: 'invoke-only' }, isMade);
  const { service, name } = FUNCTIONS.full;
  const tasks = `/${region}/services/${service}/functions/${name}/tasks`;
  for (const [view, of] of [['Failed invoices', `${tasks}?status=Failed`], ['What waits', at('all-tasks?status=Enqueued&status=Retrying')]]) {
    await post(page, `${at('save-view')}?of=${encodeURIComponent(of)}`, { name: view }, () => page.waitForURL(({ pathname }) => !pathname.endsWith('/save-view')));
  }
  await post(page, `/${region}/services/media/functions/thumbnail/reexecute-tasks?status=Failed`, {}, () => page.waitForURL(/\/bulk\//));
  return { bulk: new URL(page.url()).pathname.split('/').at(-1) };
}
