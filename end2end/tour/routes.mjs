// The kinds of pages that the console has, by their names in `app/src/routes`: the tour must show each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/server.mjs';

const ENUMS = { 'app/src/routes.rs': ['Route'], 'app/src/routes/pages.rs': ['ServicePage', 'AdminPage', 'FunctionPage'] };
// These hold the pages of the other enums.
const HOLDERS = ['Route::Service', 'Route::Function', 'Route::Admin'];

export function routes() {
  const all = [];
  for (const [file, names] of Object.entries(ENUMS)) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const name of names) {
      const body = new RegExp(`pub enum ${name} \\{\\n([^}]*)\\n\\}`).exec(text)?.[1];
      if (!body) throw new Error(`${file} has no enum ${name}`);
      all.push(...[...body.matchAll(/^ {4}([A-Z]\w*)/gm)].map(([, variant]) => `${name}::${variant}`));
    }
  }
  return all.filter((route) => !HOLDERS.includes(route));
}

// Throws when a kind of page is not in the table, or the table names one that is no more.
export function checkTable(screens) {
  const [there, shown] = [new Set(routes()), new Set(screens.map(({ route }) => route))];
  const missing = [...there].filter((route) => !shown.has(route));
  const gone = [...shown].filter((route) => !there.has(route));
  if (missing.length) throw new Error(`no screen in tour/screens.mjs shows: ${missing.join(', ')}`);
  if (gone.length) throw new Error(`tour/screens.mjs names routes that are no more: ${gone.join(', ')}`);
}
