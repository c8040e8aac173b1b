// The accessibility checker.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

// Everything that it calls wrong, in one line each; rules that are left out are checked elsewhere.
export async function complaints(page: Page, leftOut: string[] = []): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).disableRules(leftOut).analyze();
  return violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target, failureSummary }) => `${impact} ${id}: ${target} ${failureSummary}`));
}
