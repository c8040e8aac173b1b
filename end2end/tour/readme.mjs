// The pictures of the README: four screens at twice the size of the window, as WebP of at most 120 KB.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/server.mjs';
import { open } from './shoot.mjs';

export const FOLDER = '.github/readme';
const BYTES_MAX = 120 * 1024;

export const PICTURES = [
  { file: 'tasks', id: 'SC-12', name: 'a task in every state', theme: 'light' },
  { file: 'task', id: 'SC-18', name: 'Failed', theme: 'dark' },
  { file: 'overview', id: 'SC-02', name: 'overview', theme: 'light' },
  { file: 'metrics', id: 'SC-20', name: 'of a region', theme: 'dark' },
];

// The browser itself packs it, at the best quality that fits.
async function packed(page, png) {
  for (let quality = 0.92; quality > 0.3; quality -= 0.08) {
    const base64 = await page.evaluate(
      async ([data, wanted]) => {
        const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
        const canvas = new OffscreenCanvas(picture.width, picture.height);
        canvas.getContext('2d').drawImage(picture, 0, 0);
        const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/webp', quality: wanted })).arrayBuffer());
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
      },
      [png.toString('base64'), quality],
    );
    const webp = Buffer.from(base64, 'base64');
    if (webp.length <= BYTES_MAX) return webp;
  }
  throw new Error('a picture of the README does not get small enough');
}

export async function shootReadme(browser, screens, context, contextOptions) {
  mkdirSync(join(ROOT, FOLDER), { recursive: true });
  const looking = await browser.newContext({ ...contextOptions, viewport: { width: 1_280, height: 800 }, deviceScaleFactor: 2 });
  // A page without a content policy.
  const packer = await (await browser.newContext()).newPage();
  for (const { file, id, name, theme } of PICTURES) {
    const page = await looking.newPage();
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await open(page, screens.find((screen) => screen.id === id && screen.name === name), context);
    // A live page says so by a dot of this colour.
    await page.locator('main .bg-good').first().waitFor({ timeout: 5_000 }).catch(() => {});
    const webp = await packed(packer, await page.screenshot({ animations: 'disabled', caret: 'hide' }));
    writeFileSync(join(ROOT, FOLDER, `${file}.webp`), webp);
    console.log(`${FOLDER}/${file}.webp: ${Math.ceil(webp.length / 1024)} KB`);
    await page.close();
  }
}
