// The screens of the tour. To add one, add a line:
//   id       of `console.md` 6, or what it is for where it has none
//   name     what makes it differ from the others of its id
//   route    the kind of page, as `app/src/routes` calls it
//   path     its address, by the context: region, empty (another one, with nothing in it), fn(page, which), ids that the server chose
//   state    full, empty or error
//   more     act: what is done before the picture; as: who looks (default `admin`, `nobody` is signed out); status: if not 200;
//            widths: if not wide and narrow; isOver: something lies over the page, so no more of it than the window is shown; isBare: a page without the application
import { dialog, fillIn, popover, press, refused, send, unfold } from './acts.mjs';
import { FUNCTIONS, LONG, TASKS } from './fill.mjs';
import { VIEWER } from './people.mjs';
import { WIDTHS } from './shoot.mjs';

const LONG_WORD = 'a_word_that_does_not_break_'.repeat(12);

const screen = (id, name, route, state, path, more = {}) => ({ id, name, route, state, path, ...more });

// Addresses.
const at = (page) => ({ region }) => `/${region}/${page}`;
const nowhere = (page) => ({ empty }) => `/${empty}/${page}`;
const of = (page, which = 'full') => ({ region }) => `/${region}/services/${FUNCTIONS[which].service}/functions/${FUNCTIONS[which].name}/${page}`;
const task = (state) => of(`tasks/${TASKS[state]}`);
const within = (service, page) => at(`services/${service}/${page}`);

const over = (act, more = {}) => ({ act, isOver: true, ...more });
const narrow = (act) => async (page) => {
  await page.setViewportSize(WIDTHS.narrow);
  await act(page);
};
const wrong = (fields, more = {}) => ({ act: refused(fields), ...more });
const MISSING = { status: 404 };
const asViewer = { as: VIEWER };

const SIGN_IN = [
  screen('SC-01', 'sign in', 'Route::SignIn', 'full', () => '/login', { as: 'nobody' }),
  screen('SC-01', 'wrong password', 'Route::SignIn', 'error', () => '/login', { as: 'nobody', ...wrong({ user: 'somebody', password: 'wrong' }) }),
  screen('SC-03', 'home leads to the overview', 'Route::Home', 'full', () => '/'),
];

// First, because they last for some minutes only.
const TASK_DETAILS = [
  screen('SC-18', 'Processed', 'FunctionPage::Task', 'full', task('Processed')),
  screen('SC-18', 'Retrying', 'FunctionPage::Task', 'full', task('Retrying')),
  screen('SC-18', 'Stopping', 'FunctionPage::Task', 'full', task('Stopping')),
  screen('SC-18', 'Running', 'FunctionPage::Task', 'full', task('Running')),
  screen('SC-12', 'a task in every state', 'FunctionPage::Tasks', 'full', of('tasks')),
  screen('SC-19', 'instances', 'FunctionPage::Instances', 'full', of('instances')),
  screen('SC-19', 'terminal, before it is entered', 'FunctionPage::Terminal', 'full', ({ region, instance }) => of(`instances/${instance}/terminal`)({ region }), { isBare: true }),
  screen('SC-17', 'all tasks', 'AdminPage::AllTasks', 'full', at('all-tasks')),
  screen('SC-18', 'Failed', 'FunctionPage::Task', 'full', task('Failed')),
  screen('SC-18', 'Failed, its process ended', 'FunctionPage::Task', 'full', task('exited')),
  screen('SC-18', 'Succeeded', 'FunctionPage::Task', 'full', task('Succeeded')),
  screen('SC-18', 'Enqueued', 'FunctionPage::Task', 'full', task('Enqueued')),
  screen('SC-18', 'Expired', 'FunctionPage::Task', 'full', task('Expired')),
  screen('SC-18', 'Invalid', 'FunctionPage::Task', 'full', task('Invalid')),
  screen('SC-18', 'Stopped', 'FunctionPage::Task', 'full', task('Stopped')),
  screen('SC-18', 'long words', 'FunctionPage::Task', 'full', task('long')),
  screen('SC-18', 'out of memory', 'FunctionPage::Task', 'full', at('services/orders/functions/close-the-books/tasks/year-2025')),
  screen('SC-18', 'time limit', 'FunctionPage::Task', 'full', at('services/orders/functions/charge-card/tasks/card-3')),
  screen('SC-18', 'of an HTTP function', 'FunctionPage::Task', 'full', of('tasks/by-http', 'http')),
  screen('SC-18', 'a paused queue', 'FunctionPage::Task', 'full', of('tasks/stock-1', 'paused')),
  screen('SC-18', 'all unfolded', 'FunctionPage::Task', 'full', task('Failed'), { act: unfold }),
  screen('SC-18', 'no such task', 'FunctionPage::Task', 'error', of('tasks/none'), MISSING),
  screen('SC-18', 'as a viewer', 'FunctionPage::Task', 'full', task('Running'), asViewer),
];

const TASKS_OF_FUNCTIONS = [
  screen('SC-12', 'as a viewer', 'FunctionPage::Tasks', 'full', of('tasks'), asViewer),
  screen('SC-12', 'Failed only', 'FunctionPage::Tasks', 'full', of('tasks?status=Failed')),
  screen('SC-12', 'all filters', 'FunctionPage::Tasks', 'full', of('tasks?status=Failed&status=Succeeded&invocationIdPrefix=invoice-2026&from=2020-01-01T00:00:00&to=2099-01-01T00:00:00')),
  screen('SC-12', 'thousand waiting tasks', 'FunctionPage::Tasks', 'full', of('tasks', 'many')),
  screen('SC-12', 'a paused queue', 'FunctionPage::Tasks', 'full', of('tasks', 'paused')),
  screen('SC-12', 'of an HTTP function', 'FunctionPage::Tasks', 'full', of('tasks', 'http')),
  screen('SC-12', 'names as long as they get', 'FunctionPage::Tasks', 'full', of('tasks', 'long')),
  screen('SC-12', 'no tasks yet', 'FunctionPage::Tasks', 'empty', of('tasks', 'empty')),
  screen('SC-12', 'task mode off', 'FunctionPage::Tasks', 'empty', of('tasks', 'plain')),
  screen('SC-12', 'nothing matches', 'FunctionPage::Tasks', 'empty', of('tasks?status=Failed&invocationIdPrefix=none')),
  screen('SC-12', 'none in this time range', 'FunctionPage::Tasks', 'empty', of('tasks?from=2020-01-01T00:00:00&to=2020-01-02T00:00:00')),
  screen('SC-12', 'the end before the start', 'FunctionPage::Tasks', 'error', of('tasks?from=2020-01-02T00:00:00&to=2020-01-01T00:00:00')),
  screen('SC-12', 'an expired page link', 'FunctionPage::Tasks', 'error', of('tasks?nextToken=nonsense')),
  screen('SC-12', 'status filter open', 'FunctionPage::Tasks', 'full', of('tasks'), over(popover('status-filter'))),
  screen('SC-13', 'page', 'FunctionPage::SubmitTask', 'full', of('submit-task', 'empty')),
  screen('SC-13', 'task mode off', 'FunctionPage::SubmitTask', 'empty', of('submit-task', 'plain')),
  screen('SC-13', 'wrong ID and delay', 'FunctionPage::SubmitTask', 'error', of('submit-task', 'empty'), wrong({ id_method: 'custom', execution: 'delay', task_id: '1 task', delay_s: '0' })),
  screen('SC-13', 'an ID that is taken', 'FunctionPage::SubmitTask', 'error', of('submit-task'), wrong({ id_method: 'custom', task_id: TASKS.Succeeded })),
  screen('SC-13', 'dialog', 'FunctionPage::Tasks', 'full', of('tasks'), over(dialog(0))),
  screen('SC-13', 'dialog, refused', 'FunctionPage::Tasks', 'error', of('tasks'), over(dialog(0, refused({ id_method: 'custom', task_id: '1 task' })))),
  screen('B-07', 're-execute with changes', 'FunctionPage::SubmitTask', 'full', of(`submit-task?from=${TASKS.Failed}`)),
  screen('SC-14', 'page', 'FunctionPage::TaskParameters', 'full', of('task-parameters', 'empty')),
  screen('SC-14', 'no JSON', 'FunctionPage::TaskParameters', 'error', of('task-parameters', 'empty'), { act: (page) => fillIn(page, { event: '{"a": 1,\n oops' }) }),
  screen('SC-14', 'of an HTTP function', 'FunctionPage::TaskParameters', 'full', of('task-parameters', 'http')),
  screen('SC-14', 'of an HTTP function, refused', 'FunctionPage::TaskParameters', 'error', of('task-parameters', 'http'), wrong({ path: 'no-slash', headers: 'bad header!: x\nx-fc-own: 1' })),
  screen('SC-12', 'export', 'FunctionPage::ExportTasks', 'full', of('export-tasks?status=Failed')),
  screen('SC-24', 'confirm a stop of thousand', 'FunctionPage::StopTasks', 'full', of('stop-tasks', 'many')),
  screen('SC-24', 'wrong number typed', 'FunctionPage::StopTasks', 'error', of('stop-tasks', 'many'), wrong({ typed: '17' })),
  screen('SC-24', 'nothing to stop', 'FunctionPage::StopTasks', 'empty', of('stop-tasks?status=Failed')),
  screen('SC-24', 'confirm a re-execution', 'FunctionPage::ReexecuteTasks', 'full', of('reexecute-tasks?status=Failed')),
];

const REGION = [
  screen('SC-02', 'overview', 'AdminPage::Overview', 'full', at('overview?minutes=15')),
  screen('SC-02', 'nothing yet', 'AdminPage::Overview', 'empty', nowhere('overview')),
  screen('SC-02', 'as a viewer', 'AdminPage::Overview', 'full', at('overview'), asViewer),
  screen('SC-03', 'task execution functions', 'Route::Tasks', 'full', at('tasks')),
  screen('SC-03', 'nothing yet', 'Route::Tasks', 'empty', nowhere('tasks')),
  screen('SC-03', 'nothing matches', 'Route::Tasks', 'empty', at('tasks?search=no-function-is-called-this')),
  screen('SC-03', 'user menu', 'Route::Tasks', 'full', at('tasks'), over(popover('user-menu'))),
  screen('SC-03', 'theme menu', 'Route::Tasks', 'full', at('tasks'), over(popover('theme-menu'))),
  screen('SC-03', 'navigation menu', 'Route::Tasks', 'full', at('tasks'), over(narrow(popover('nav-menu')), { widths: ['narrow'] })),
  screen('SC-27', 'palette', 'Route::Tasks', 'full', at('tasks'), over(async (page) => {
    await press('Control+k')(page);
    await page.keyboard.type('invoice');
    await page.locator('[role="option"]').first().waitFor();
  })),
  screen('SC-17', 'nothing yet', 'AdminPage::AllTasks', 'empty', nowhere('all-tasks')),
  screen('SC-17', 'nothing matches', 'AdminPage::AllTasks', 'empty', at('all-tasks?invocationIdPrefix=none')),
  screen('SC-20', 'of a region', 'AdminPage::Metrics', 'full', at('metrics?minutes=15')),
  screen('SC-20', 'of a region, as tables', 'AdminPage::Metrics', 'full', at('metrics?minutes=15'), { act: unfold }),
  screen('SC-20', 'no data', 'AdminPage::Metrics', 'empty', nowhere('metrics')),
  screen('SC-20', 'the end before the start', 'AdminPage::Metrics', 'error', at('metrics?from=2026-01-02T00:00&to=2026-01-01T00:00')),
  screen('SC-23', 'dead letters', 'AdminPage::DeadLetters', 'full', at('dead-letters')),
  screen('SC-23', 'none', 'AdminPage::DeadLetters', 'empty', nowhere('dead-letters')),
  screen('B-16', 'instances', 'AdminPage::Instances', 'full', at('instances')),
  screen('B-16', 'none', 'AdminPage::Instances', 'empty', nowhere('instances')),
  screen('B-16', 'nothing matches', 'AdminPage::Instances', 'empty', at('instances?function=none')),
  screen('SC-24', 'stop tasks of several functions', 'AdminPage::Many', 'full', at('stop-tasks')),
  screen('SC-24', 're-execute failed tasks of several functions', 'AdminPage::Many', 'full', at('reexecute-tasks?status=Failed')),
  screen('SC-26', 'settings', 'AdminPage::Settings', 'full', at('settings')),
  screen('-', 'components', 'Route::Components', 'full', () => '/-/components'),
  screen('SC-24', 'bulk actions', 'AdminPage::Bulks', 'full', at('bulk')),
  screen('SC-24', 'no bulk actions', 'AdminPage::Bulks', 'empty', nowhere('bulk')),
  screen('SC-24', 'a bulk action', 'AdminPage::Bulk', 'full', ({ region, bulk }) => at(`bulk/${bulk}`)({ region })),
  screen('SC-24', 'no such bulk action', 'AdminPage::Bulk', 'error', at('bulk/none'), MISSING),
  screen('B-05', 'saved views', 'AdminPage::SavedViews', 'full', at('saved-views')),
  screen('B-05', 'no saved views', 'AdminPage::SavedViews', 'empty', at('saved-views'), asViewer),
  screen('B-05', 'save a view', 'AdminPage::SaveView', 'full', ({ region }) => `/${region}/save-view?of=%2F${region}%2Fall-tasks%3Fstatus%3DFailed`),
  screen('B-05', 'a view without a name', 'AdminPage::SaveView', 'error', ({ region }) => `/${region}/save-view?of=%2F${region}%2Fall-tasks`, wrong({ name: '' })),
  screen('SC-27', 'search', 'AdminPage::Search', 'full', at('search?q=invoice')),
  screen('SC-27', 'finds nothing', 'AdminPage::Search', 'empty', at('search?q=never-written')),
  screen('SC-27', 'nothing asked', 'AdminPage::Search', 'empty', at('search')),
  screen('connect', 'clients', 'AdminPage::Connect', 'full', at('connect')),
  screen('SC-25', 'audit', 'AdminPage::Audit', 'full', at('audit')),
  screen('SC-25', 'nothing matches', 'AdminPage::Audit', 'empty', at('audit?actor=nobody')),
  screen('keys', 'access keys', 'AdminPage::AccessKeys', 'full', at('access-keys')),
  screen('keys', 'create', 'AdminPage::CreateAccessKey', 'full', at('create-access-key')),
  screen('keys', 'without a name', 'AdminPage::CreateAccessKey', 'error', at('create-access-key'), wrong({ name: '', services: 'not a name!' })),
  screen('keys', 'made', 'AdminPage::CreateAccessKey', 'full', at('create-access-key'), { act: async (page) => {
    await send(page, { name: 'of the tour' });
    await page.locator('main dd code').first().waitFor();
  } }),
  screen('keys', 'delete', 'AdminPage::DeleteAccessKey', 'full', at('access-keys/test-key/delete')),
  screen('keys', 'no such key', 'AdminPage::DeleteAccessKey', 'error', at('access-keys/none/delete'), MISSING),
  screen('users', 'users', 'AdminPage::Users', 'full', at('users')),
  screen('users', 'as a viewer: refused', 'AdminPage::Users', 'error', at('users'), { ...asViewer, status: 403 }),
  screen('users', 'create', 'AdminPage::CreateUser', 'full', at('create-user')),
  screen('users', 'wrong name and passwords', 'AdminPage::CreateUser', 'error', at('create-user'), wrong({ name: 'no name!', password: 'short', repeated: 'other' })),
  screen('users', 'a user', 'AdminPage::User', 'full', at('users/li-na')),
  screen('users', 'own account', 'AdminPage::User', 'full', at('users/admin')),
  screen('users', 'own account, wrong password', 'AdminPage::User', 'error', at(`users/${VIEWER}`), { ...asViewer, ...wrong({ present: 'wrong', password: 'a-new-password', repeated: 'a-new-password' }) }),
  screen('users', 'no such user', 'AdminPage::User', 'error', at('users/nobody'), MISSING),
];

const SERVICES = [
  screen('SC-04', 'create function', 'Route::CreateTaskFunction', 'full', at('create-task-function')),
  screen('SC-04', 'everything wrong', 'Route::CreateTaskFunction', 'error', at('create-task-function'), wrong({ name: '1st', memory: '100', timeout: '0', concurrency: '999', environment: '1=x' })),
  screen('SC-04', 'with a trigger, of a container', 'Route::CreateTaskFunction', 'full', at('create-task-function'), { act: async (page) => {
    await page.locator('[name="runtime"]').selectOption('custom-container').catch(() => {});
    await page.locator('[name="with_trigger"]').first().check();
  } }),
  screen('SC-04', 'as a viewer', 'Route::CreateTaskFunction', 'error', at('create-task-function'), asViewer),
  screen('SC-04', 'in a service', 'Route::CreateFunction', 'full', within('media', 'create-function')),
  screen('SC-05', 'services', 'Route::Services', 'full', at('services')),
  screen('SC-05', 'nothing yet', 'Route::Services', 'empty', nowhere('services')),
  screen('SC-05', 'nothing matches', 'Route::Services', 'empty', at('services?search=no-service-is-called-this')),
  screen('SC-05', 'as a viewer', 'Route::Services', 'full', at('services'), asViewer),
  screen('SC-05', 'delete, refused', 'Route::DeleteService', 'error', within('orders', 'delete')),
  screen('SC-05', 'delete', 'Route::DeleteService', 'full', within('an-empty-service', 'delete')),
  screen('SC-05', 'delete, wrong name', 'Route::DeleteService', 'error', within('an-empty-service', 'delete'), wrong({ typed_name: 'another' })),
  screen('SC-05', 'no such service', 'Route::DeleteService', 'error', within('none', 'delete'), MISSING),
  screen('SC-06', 'create service', 'Route::CreateService', 'full', at('create-service')),
  screen('SC-06', 'wrong name', 'Route::CreateService', 'error', at('create-service'), wrong({ name: '1 service', description: 'x'.repeat(257) })),
  screen('SC-06', 'a name that is taken', 'Route::CreateService', 'error', at('create-service'), wrong({ name: 'orders' })),
  screen('SC-07', 'functions', 'Route::Functions', 'full', within('orders', 'functions')),
  screen('SC-07', 'names as long as they get', 'Route::Functions', 'full', within(LONG, 'functions')),
  screen('SC-07', 'no functions', 'Route::Functions', 'empty', within('an-empty-service', 'functions')),
  screen('SC-07', 'no such service', 'Route::Functions', 'error', within('none', 'functions'), MISSING),
  screen('SC-22', 'versions', 'ServicePage::Versions', 'full', within('orders', 'versions')),
  screen('SC-22', 'no versions', 'ServicePage::Versions', 'empty', within('media', 'versions')),
  screen('SC-22', 'publish dialog', 'ServicePage::Versions', 'full', within('orders', 'versions'), over(dialog(0))),
  screen('SC-22', 'publish', 'ServicePage::PublishVersion', 'full', within('orders', 'publish-version')),
  screen('SC-22', 'description too long', 'ServicePage::PublishVersion', 'error', within('orders', 'publish-version'), wrong({ description: 'x'.repeat(257) })),
  screen('SC-22', 'delete version', 'ServicePage::DeleteVersion', 'full', within('orders', 'versions/4/delete')),
  screen('SC-22', 'delete version, refused', 'ServicePage::DeleteVersion', 'error', within('orders', 'versions/2/delete')),
  screen('SC-22', 'no such version', 'ServicePage::DeleteVersion', 'error', within('orders', 'versions/99/delete'), MISSING),
  screen('SC-22', 'aliases', 'ServicePage::Aliases', 'full', within('orders', 'aliases')),
  screen('SC-22', 'no aliases', 'ServicePage::Aliases', 'empty', within('media', 'aliases')),
  screen('SC-22', 'create alias', 'ServicePage::CreateAlias', 'full', within('orders', 'create-alias')),
  screen('SC-22', 'wrong alias', 'ServicePage::CreateAlias', 'error', within('orders', 'create-alias'), wrong({ name: '1st', canary: '2', version: '2', weight: '101' })),
  screen('SC-22', 'alias dialog', 'ServicePage::Aliases', 'full', within('orders', 'aliases'), over(dialog(0, (page) => fillIn(page, { canary: '2' })))),
  screen('SC-22', 'modify alias', 'ServicePage::ModifyAlias', 'full', within('orders', 'aliases/live/modify')),
  screen('SC-22', 'delete alias', 'ServicePage::DeleteAlias', 'full', within('orders', `aliases/${LONG}/delete`)),
];

const FUNCTION = [
  screen('SC-08', 'code', 'FunctionPage::Code', 'full', of('code')),
  screen('SC-08', 'of a version', 'FunctionPage::Code', 'full', of('code?qualifier=2')),
  screen('SC-08', 'no such function', 'FunctionPage::Code', 'error', within('orders', 'functions/none/code'), MISSING),
  screen('SC-08', 'upload dialog', 'FunctionPage::Code', 'full', of('code'), over(dialog(0))),
  screen('SC-08', 'upload', 'FunctionPage::UploadCode', 'full', of('upload-code')),
  screen('SC-08', 'a bad package', 'FunctionPage::UploadCode', 'error', of('upload-code', 'empty'), wrong({ file: { name: 'code.zip', mimeType: 'application/zip', buffer: Buffer.from('no archive') } })),
  screen('SC-21', 'configurations', 'FunctionPage::Configurations', 'full', of('configurations')),
  screen('SC-21', 'as a viewer', 'FunctionPage::Configurations', 'full', of('configurations'), asViewer),
  screen('SC-21', 'panel', 'FunctionPage::Configurations', 'full', of('configurations'), over(dialog(0))),
  screen('SC-21', 'modify basic', 'FunctionPage::ModifyConfigurations', 'full', of('modify-configurations')),
  screen('SC-21', 'modify instance', 'FunctionPage::ModifyConfigurations', 'full', of('modify-configurations?group=instance')),
  screen('SC-21', 'modify lifecycle', 'FunctionPage::ModifyConfigurations', 'full', of('modify-configurations?group=lifecycle')),
  screen('SC-21', 'wrong values', 'FunctionPage::ModifyConfigurations', 'error', of('modify-configurations', 'empty'), wrong({ handler: '', environment: '1=x' })),
  screen('SC-21', 'changed meanwhile', 'FunctionPage::ModifyConfigurations', 'error', of('modify-configurations', 'plain'), { act: async (page, { api }) => {
    const { service, name } = FUNCTIONS.plain;
    await api.call('PUT', `/services/${service}/functions/${name}`, { body: { description: `Changed by somebody else at ${Date.now()}` } });
    await refused({ description: 'Changed here' })(page);
  } }),
  screen('SC-09', 'triggers', 'FunctionPage::Triggers', 'full', of('triggers')),
  screen('SC-09', 'HTTP trigger', 'FunctionPage::Triggers', 'full', of('triggers', 'http')),
  screen('SC-09', 'a trigger of another kind', 'FunctionPage::Triggers', 'full', within('media', 'functions/thumbnail/triggers')),
  screen('SC-09', 'names as long as they get', 'FunctionPage::Triggers', 'full', of('triggers', 'long')),
  screen('SC-09', 'no triggers', 'FunctionPage::Triggers', 'empty', of('triggers', 'empty')),
  screen('SC-10', 'panel', 'FunctionPage::Triggers', 'full', of('triggers', 'empty'), over(dialog(0, (page) => fillIn(page, { mode: 'days' })))),
  screen('SC-10', 'create', 'FunctionPage::CreateTrigger', 'full', of('create-trigger', 'empty')),
  screen('SC-10', 'wrong values', 'FunctionPage::CreateTrigger', 'error', of('create-trigger', 'empty'), wrong({ trigger_name: '1st', mode: 'cron', cron: '0 0 25 * * *', message: 'x'.repeat(4_097) })),
  screen('SC-10', 'modify', 'FunctionPage::ModifyTrigger', 'full', of('triggers/every-night/modify')),
  screen('SC-10', 'no such trigger', 'FunctionPage::ModifyTrigger', 'error', of('triggers/none/modify'), MISSING),
  screen('SC-09', 'delete', 'FunctionPage::DeleteTrigger', 'full', of('triggers/every-night/delete')),
  screen('SC-15', 'test', 'FunctionPage::Test', 'full', of('test', 'empty')),
  screen('SC-15', 'result', 'FunctionPage::Test', 'full', within('orders', 'functions/report/test'), { act: run(`{"text": "${'word '.repeat(60)}"}`) }),
  screen('SC-15', 'failed', 'FunctionPage::Test', 'error', within('demo', 'functions/ev-fail/test'), { act: run(`fail with ${LONG_WORD}`) }),
  screen('SC-15', 'of an HTTP function', 'FunctionPage::Test', 'full', of('test', 'http')),
  screen('SC-11', 'asynchronous configurations', 'FunctionPage::AsyncConfig', 'full', of('async')),
  screen('SC-11', 'nothing configured', 'FunctionPage::AsyncConfig', 'empty', of('async', 'plain')),
  screen('SC-11', 'panel', 'FunctionPage::AsyncConfig', 'full', of('async'), over(dialog(0))),
  screen('SC-11', 'panel, wrong values', 'FunctionPage::AsyncConfig', 'error', of('async'), over(dialog(0, refused({ max_retries: '9', max_lifetime: '0' })))),
  screen('SC-11', 'modify the policy', 'FunctionPage::ModifyAsyncPolicy', 'full', of('modify-async-policy')),
  screen('SC-11', 'modify the destinations', 'FunctionPage::ModifyDestinations', 'full', of('modify-destinations')),
  screen('SC-11', 'wrong destinations', 'FunctionPage::ModifyDestinations', 'error', of('modify-destinations'), wrong({ on_success: 'acs:mns:::/queues/q/messages', on_failure: 'nowhere' })),
  screen('SC-16', 'logs', 'FunctionPage::Logs', 'full', of('logs?minutes=1440')),
  screen('SC-16', 'one word', 'FunctionPage::Logs', 'full', of('logs?minutes=1440&text=ledger')),
  screen('SC-16', 'no lines', 'FunctionPage::Logs', 'empty', of('logs?minutes=1440&text=never%20written')),
  screen('SC-20', 'of a function', 'FunctionPage::Metrics', 'full', of('metrics?minutes=15')),
  screen('SC-19', 'no instances', 'FunctionPage::Instances', 'empty', of('instances', 'many')),
  screen('SC-19', 'a released instance', 'FunctionPage::Terminal', 'error', of('instances/none/terminal'), { ...MISSING, isBare: true }),
  screen('C-53', 'delete', 'FunctionPage::Delete', 'full', of('delete', 'empty')),
  screen('C-53', 'delete, refused', 'FunctionPage::Delete', 'error', of('delete')),
];

const ERRORS = [
  screen('404', 'no such region', 'Route::Tasks', 'error', () => '/nowhere/tasks', MISSING),
  screen('404', 'no such page', 'Route::Tasks', 'error', at('no-such-page'), MISSING),
];

function run(event) {
  return async (page) => {
    await send(page, { event });
    await page.locator('main section[tabindex="-1"] dd').first().waitFor();
  };
}

export const SCREENS = [...TASK_DETAILS, ...SIGN_IN, ...TASKS_OF_FUNCTIONS, ...REGION, ...SERVICES, ...FUNCTION, ...ERRORS];
