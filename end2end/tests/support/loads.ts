import type { Page } from '@playwright/test';

// Counts how often the page is loaded from now on; what is shown without that came by itself.
export function countLoads(page: Page): () => number {
  let loads = 0;
  page.on('load', () => (loads += 1));
  return () => loads;
}
