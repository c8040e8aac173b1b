// Every screen of the console, for specs that look at all of them.
import { expect, type Page } from '@playwright/test';
import { LogsPage } from '../pages/logs.ts';
import { PolicyPage } from '../pages/policy.ts';
import { TasksPage } from '../pages/tasks.ts';
import { TestPage } from '../pages/test-function.ts';
import { TriggersPage } from '../pages/triggers.ts';
import { VersionsPage } from '../pages/versions.ts';
import { ALIAS, gallery, PICTURES, TRIGGER, VERSIONED } from './gallery.ts';
import { EMPTY_REGION, Fn, REGION, SERVICE } from './workspace.ts';

export interface Screen {
  name: string;
  path: () => string;
  // The page's heading.
  title: string | (() => string);
  status?: number;
  signedOut?: boolean;
  // Opens what lies over the page.
  open?: (page: Page) => Promise<unknown>;
}

const plain = new Fn('demo', 'ev-plain');
const http = new Fn('demo', 'http-hello');
const ofShown = (page: string) => () => `/${REGION}/services/${VERSIONED}/${page}`;
const ofGallery = (page: string) => () => gallery().path(page);
const task = (id: string) => ({ path: ofGallery(`tasks/${id}`), title: id });

export const SCREENS: Screen[] = [
  { name: 'SC-01 sign in', path: () => '/login', title: 'Sign in', signedOut: true },
  { name: 'SC-02 overview', path: () => `/${REGION}/overview`, title: 'Overview' },
  { name: 'SC-02 empty', path: () => `/${EMPTY_REGION}/overview`, title: 'Overview' },
  { name: 'SC-20 metrics of a region', path: () => `/${REGION}/metrics`, title: 'Metrics' },
  { name: 'SC-20 metrics of a function', path: ofGallery('metrics?minutes=1440'), title: 'Metrics' },
  { name: 'SC-20 no data', path: () => `/${EMPTY_REGION}/metrics`, title: 'Metrics' },
  { name: 'SC-03 task execution functions', path: () => `/${REGION}/tasks`, title: 'Task Execution Functions' },
  { name: 'SC-03 empty', path: () => `/${EMPTY_REGION}/tasks`, title: 'Task Execution Functions' },
  { name: 'SC-17 all tasks', path: () => `/${REGION}/all-tasks`, title: 'All Tasks' },
  { name: 'SC-17 empty', path: () => `/${EMPTY_REGION}/all-tasks`, title: 'All Tasks' },
  { name: 'SC-27 search', path: () => `/${REGION}/search?q=demo`, title: 'Search' },
  { name: 'B-05 saved views', path: () => `/${EMPTY_REGION}/saved-views`, title: 'Saved Views' },
  { name: 'B-05 save view', path: () => `/${REGION}/save-view?of=%2F${REGION}%2Fall-tasks`, title: 'Save view' },
  { name: 'SC-04 create function', path: () => `/${REGION}/create-task-function`, title: 'Create Function' },
  { name: 'SC-04 create function in a service', path: () => `/${REGION}/services/${SERVICE}/create-function`, title: 'Create Function' },
  { name: 'SC-05 services', path: () => `/${REGION}/services`, title: 'Services' },
  { name: 'SC-05 empty', path: () => `/${EMPTY_REGION}/services`, title: 'Services' },
  { name: 'SC-05 delete service', path: () => `/${REGION}/services/demo/delete`, title: 'Delete service demo' },
  { name: 'SC-06 create service', path: () => `/${REGION}/create-service`, title: 'Create Service' },
  { name: 'SC-07 functions of a service', path: () => `/${REGION}/services/demo/functions`, title: 'Functions' },
  { name: 'SC-07 functions of a version', path: ofShown('functions?qualifier=1'), title: 'Functions' },
  { name: 'SC-22 versions', path: ofShown('versions'), title: 'Versions' },
  { name: 'SC-22 no versions', path: () => `/${REGION}/services/demo/versions`, title: 'Versions' },
  { name: 'SC-22 publish version', path: ofShown('publish-version'), title: 'Publish Version' },
  { name: 'SC-22 delete version', path: ofShown('versions/2/delete'), title: 'Delete version 2' },
  { name: 'SC-22 delete version refused', path: ofShown('versions/1/delete'), title: 'Delete version 1' },
  { name: 'SC-22 no such version', path: ofShown('versions/99/delete'), title: 'Delete version 99', status: 404 },
  { name: 'SC-22 aliases', path: ofShown('aliases'), title: 'Aliases' },
  { name: 'SC-22 no aliases', path: () => `/${REGION}/services/demo/aliases`, title: 'Aliases' },
  { name: 'SC-22 create alias', path: ofShown('create-alias'), title: 'Create Alias' },
  { name: 'SC-22 modify alias', path: ofShown(`aliases/${ALIAS}/modify`), title: `Modify alias ${ALIAS}` },
  { name: 'SC-22 delete alias', path: ofShown(`aliases/${ALIAS}/delete`), title: `Delete alias ${ALIAS}` },
  { name: 'SC-08 code', path: ofGallery('code'), title: 'Code' },
  { name: 'SC-09 triggers', path: ofGallery('triggers'), title: 'Triggers' },
  { name: 'SC-09 no triggers', path: () => plain.path('triggers'), title: 'Triggers' },
  { name: 'SC-09 an HTTP trigger', path: () => http.path('triggers'), title: 'Triggers' },
  { name: 'SC-10 create trigger', path: () => plain.path('create-trigger'), title: 'Create Trigger' },
  { name: 'SC-10 modify trigger', path: ofGallery(`triggers/${TRIGGER}/modify`), title: `Modify trigger ${TRIGGER}` },
  { name: 'SC-10 no such trigger', path: ofGallery('triggers/none/modify'), title: 'Modify trigger none', status: 404 },
  { name: 'SC-09 delete trigger', path: ofGallery(`triggers/${TRIGGER}/delete`), title: `Delete trigger ${TRIGGER}` },
  { name: 'SC-15 test an HTTP function', path: () => http.path('test'), title: 'Test Function' },
  { name: 'SC-14 parameters of an HTTP function', path: () => http.path('task-parameters'), title: 'Configure Task Parameters' },
  { name: 'SC-15 test function', path: ofGallery('test'), title: 'Test Function' },
  { name: 'SC-08 no such file', path: ofGallery('code?file=none.py'), title: 'Code' },
  { name: 'SC-08 upload code', path: ofGallery('upload-code'), title: 'Upload Code' },
  { name: 'SC-21 configurations', path: ofGallery('configurations'), title: 'Configurations' },
  { name: 'SC-21 modify configurations', path: ofGallery('modify-configurations'), title: 'Modify Configurations' },
  { name: 'SC-21 modify instance', path: ofGallery('modify-configurations?group=instance'), title: 'Modify Instance' },
  { name: 'SC-21 modify lifecycle', path: ofGallery('modify-configurations?group=lifecycle'), title: 'Modify Lifecycle' },
  { name: 'C-53 delete function', path: ofGallery('delete'), title: () => `Delete function ${gallery().name}` },
  { name: 'SC-11 asynchronous configurations', path: ofGallery('async'), title: 'Asynchronous Configurations' },
  { name: 'SC-11 modify the policy', path: ofGallery('modify-async-policy'), title: 'Modify the Policy for Asynchronous Mode' },
  { name: 'SC-11 modify destinations', path: ofGallery('modify-destinations'), title: 'Modify Destinations' },
  { name: 'SC-12 asynchronous tasks', path: ofGallery('tasks'), title: 'Asynchronous Tasks' },
  { name: 'SC-12 task mode off', path: () => plain.path('tasks'), title: 'Asynchronous Tasks' },
  { name: 'SC-12 nothing matches', path: ofGallery('tasks?status=Failed&invocationIdPrefix=none'), title: 'Asynchronous Tasks' },
  { name: 'SC-12 export', path: ofGallery('export-tasks?status=Failed'), title: 'Export Tasks' },
  { name: 'SC-24 confirm', path: ofGallery('reexecute-tasks?invocationIdPrefix=failed'), title: 'Re-execute 1 task' },
  { name: 'SC-24 nothing to stop', path: ofGallery('stop-tasks?status=Failed'), title: 'Stop 0 tasks' },
  { name: 'SC-13 submit task', path: ofGallery('submit-task'), title: 'Submit Task' },
  { name: 'B-07 re-execute with changes', path: ofGallery(`submit-task?from=${PICTURES.failed}`), title: 'Re-execute with changes' },
  { name: 'SC-14 configure task parameters', path: ofGallery('task-parameters'), title: 'Configure Task Parameters' },
  { name: 'SC-19 instances', path: ofGallery('instances'), title: 'Instances' },
  { name: 'SC-16 logs', path: ofGallery('logs?minutes=1440'), title: 'Logs' },
  { name: 'SC-16 no lines', path: ofGallery('logs?minutes=1440&text=never%20written'), title: 'Logs' },
  { name: 'SC-18 a failed task', ...task(PICTURES.failed) },
  { name: 'SC-18 a succeeded task', ...task(PICTURES.succeeded) },
  { name: 'SC-18 a waiting task', ...task(PICTURES.enqueued) },
  { name: 'SC-18 a retrying task', ...task(PICTURES.retrying) },
  { name: 'SC-18 a stopped task', ...task(PICTURES.stopped) },
  { name: 'SC-18 no such task', path: ofGallery('tasks/none'), title: 'Not found', status: 404 },
  { name: 'SC-23 dead letters', path: () => `/${REGION}/dead-letters`, title: 'Dead Letters' },
  { name: 'SC-23 empty', path: () => `/${EMPTY_REGION}/dead-letters`, title: 'Dead Letters' },
  { name: 'B-16 instances', path: () => `/${REGION}/instances`, title: 'Instances' },
  { name: 'B-16 no instances', path: () => `/${EMPTY_REGION}/instances`, title: 'Instances' },
  { name: 'SC-24 no bulk actions', path: () => `/${EMPTY_REGION}/bulk`, title: 'Bulk Actions' },
  { name: 'SC-24 no such bulk action', path: () => `/${REGION}/bulk/none`, title: 'Not found', status: 404 },
  { name: 'connect', path: () => `/${REGION}/connect`, title: 'Connect' },
  { name: 'connect in another region', path: () => `/${EMPTY_REGION}/connect`, title: 'Connect' },
  { name: 'access keys', path: () => `/${REGION}/access-keys`, title: 'Access Keys' },
  { name: 'create access key', path: () => `/${REGION}/create-access-key`, title: 'Create Access Key' },
  { name: 'no such access key', path: () => `/${REGION}/access-keys/none/delete`, title: 'Delete access key none', status: 404 },
  { name: 'users', path: () => `/${REGION}/users`, title: 'Users' },
  { name: 'SC-25 audit', path: () => `/${REGION}/audit`, title: 'Audit' },
  { name: 'SC-25 nothing matches', path: () => `/${REGION}/audit?actor=nobody`, title: 'Audit' },
  { name: 'SC-26 settings', path: () => `/${REGION}/settings`, title: 'Settings' },
  { name: 'components', path: () => '/-/components', title: 'Components' },
  { name: 'no such region', path: () => '/nowhere/tasks', title: 'Not found', status: 404 },
];

// What lies over a page.
export const OVERLAYS: Screen[] = [
  {
    name: 'SC-15 result',
    path: ofGallery('test'),
    title: 'Test Function',
    open: async (page) => {
      const tester = new TestPage(page, true);
      await tester.runWith(`{"text": "${'word '.repeat(60)}"}`);
    },
  },
  {
    name: 'SC-15 error',
    path: ofGallery('test'),
    title: 'Test Function',
    open: async (page) => {
      const tester = new TestPage(page, true);
      await tester.runWith(`fail with ${'a_word_that_does_not_break_'.repeat(12)}`);
    },
  },
  {
    name: 'SC-16 following',
    path: ofGallery('logs?minutes=1440'),
    title: 'Logs',
    open: (page) => new LogsPage(page, true).beginToFollow(),
  },
  {
    name: 'SC-22 publish dialog',
    path: ofShown('versions'),
    title: 'Versions',
    open: async (page) => expect(await new VersionsPage(page, true).openPublish()).toBeVisible(),
  },
  {
    name: 'SC-22 alias dialog',
    path: ofShown('aliases'),
    title: 'Aliases',
    open: async (page) => {
      const form = await new VersionsPage(page, true).openCreateAlias();
      await form.canary.selectOption('1');
      await expect(form.weight).toBeVisible();
    },
  },
  {
    name: 'SC-10 panel',
    path: () => plain.path('triggers'),
    title: 'Triggers',
    open: async (page) => {
      const form = await new TriggersPage(page, true).openCreate();
      await form.mode.selectOption({ label: 'Select Custom Time' });
      await expect(form.scope.getByLabel('Time Zone')).toBeVisible();
    },
  },
  {
    name: 'SC-11 panel',
    path: ofGallery('async'),
    title: 'Asynchronous Configurations',
    open: async (page) => expect((await new PolicyPage(page, true).openPanel()).ok).toBeVisible(),
  },
  {
    name: 'SC-13 dialog',
    path: ofGallery('tasks'),
    title: 'Asynchronous Tasks',
    open: async (page) => {
      const form = await new TasksPage(page, true).openSubmit();
      await form.chooseId('1');
      await form.delay('5');
    },
  },
  {
    name: 'SC-14 dialog',
    path: ofGallery('tasks'),
    title: 'Asynchronous Tasks',
    open: async (page) => (await new TasksPage(page, true).openParameters()).event.fill('{"a": oops'),
  },
  {
    name: 'SC-14 menu',
    path: ofGallery('tasks'),
    title: 'Asynchronous Tasks',
    open: (page) => new TasksPage(page, true).moreOptions.click(),
  },
  {
    name: 'SC-03 user menu',
    path: () => `/${REGION}/tasks`,
    title: 'Task Execution Functions',
    open: (page) => page.getByRole('button', { name: 'User admin' }).click(),
  },
  {
    name: 'SC-08 upload dialog',
    path: ofGallery('code'),
    title: 'Code',
    open: (page) => page.getByRole('button', { name: 'Upload', exact: true }).click(),
  },
];
