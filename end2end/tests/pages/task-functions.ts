import type { Locator } from '@playwright/test';
import { expect } from '../support/expect.ts';
import { said } from '../support/language.ts';
import type { Fn } from '../support/workspace.ts';
import { Console } from './console.ts';

// SC-03, and what the lists of services and functions share with it.
export class FunctionList extends Console {
  row(name: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('link', { name, exact: true }) });
  }

  link(name: string): Locator {
    return this.row(name).getByRole('link', { name, exact: true });
  }

  // The table's cell below a heading.
  async cell(name: string, column: string): Promise<Locator> {
    const headings = this.page.getByRole('columnheader');
    await expect(headings.filter({ hasText: column })).toHaveCount(1);
    const index = (await headings.allInnerTexts()).findIndex((heading) => heading.trim() === said(column));
    return this.row(name).getByRole('cell').nth(index);
  }

  async search(name: string): Promise<void> {
    await this.page.getByRole('search').getByRole('searchbox').fill(name);
    await this.page.getByRole('search').getByRole('button', { name: 'Search' }).click();
    await this.page.waitForURL(/[?&]search=/);
  }

  // Finds a function among more than one page of them and opens it.
  async find(fn: Fn): Promise<void> {
    await this.search(fn.name);
    await this.link(fn.name).click();
  }
}
