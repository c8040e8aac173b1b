// One server for the whole run: started, filled and signed in to before the first test, ended after the last one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type FullConfig } from '@playwright/test';
import { PASSWORD, Server } from '../../lib/server.mjs';
import { SignInPage } from '../pages/sign-in.ts';
import { LAUNCH } from './browser.ts';
import { GALLERY, hangGallery } from './gallery.ts';
import { SERVICE, Workspace } from './workspace.ts';

export default async function setUp(config: FullConfig): Promise<() => Promise<void>> {
  const server = await Server.start();
  const dir = mkdtempSync(join(tmpdir(), 'taskyard-e2e-'));
  const end = async () => {
    const output = config.projects[0]!.outputDir;
    mkdirSync(output, { recursive: true });
    writeFileSync(join(output, 'server.log'), server.log());
    rmSync(dir, { recursive: true, force: true });
    // Fails when the server panicked or did not end as asked.
    await server.stop();
  };
  try {
    process.env.TASKYARD_E2E_URL = server.url;
    process.env.TASKYARD_E2E_SESSION = join(dir, 'session.json');
    const workspace = new Workspace(server.url, 'gallery');
    await workspace.makeService(SERVICE);
    process.env[GALLERY] = await hangGallery(workspace);
    await keepSession(server.url, process.env.TASKYARD_E2E_SESSION);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

// Signs in as a user does and stores the session for the tests that are not about signing in.
async function keepSession(url: string, path: string): Promise<void> {
  const browser = await chromium.launch(LAUNCH);
  try {
    const page = await browser.newPage({ baseURL: url });
    const signIn = new SignInPage(page, true);
    await signIn.open('/login');
    await signIn.signIn('admin', PASSWORD);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.context().storageState({ path });
  } finally {
    await browser.close();
  }
}
