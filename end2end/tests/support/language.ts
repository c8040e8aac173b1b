// The words of the console in the language that a project runs in. Tests are written in English, whose words are the catalogue's keys; where
// the console speaks Chinese, everything that finds or expects words is given the catalogue's. Words that have none there fail the test, unless
// they are the tests' own: names, payloads, what their functions print and return.
import { readFileSync } from 'node:fs';
import type { Browser } from '@playwright/test';

export type Language = 'en' | 'zh-CN';

interface Catalogue {
  words: Record<string, string>;
  messages: Record<string, string>;
}

export const CATALOGUE: Catalogue = JSON.parse(readFileSync(new URL('../../../app/languages/zh-CN.json', import.meta.url), 'utf8'));

// What the tests' functions say and what users write, where it looks like a sentence or a title of ours.
const THEIRS = [
  // The description of the demo's service.
  /^Functions to try Taskyard with$/,
  /^done with /,
  /^half way through$/,
  /^from the archive: /,
  /^got /,
  /^hello /,
  /^waiting to be stopped$/,
  /^asked by [A-Z]+$/,
  /^X-Told: /,
  // Names of headers, versions as the API has them, and figures with their units, are the same in both languages.
  /^\d+ \(LATEST\)$/,
  /^[A-Z][a-z]+(-[A-Z][a-z]+)+$/,
  /^[\d,.]+ (s|ms|h|d|bytes)( \([\d,.]+ [smhd]\))?$/,
];

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// An entry of the catalogue: `{name}` or `{}` may be anything.
interface Entry {
  // Fits a whole text, and the source of a regular expression that stands for one.
  text: RegExp;
  source: RegExp;
  // How much of it is fixed: the entry with the most of it is the one that is meant.
  fixed: number;
  // Whether that has words: a comma between two values says nothing of whose they are.
  tells: boolean;
  // The values' places in Chinese: numbers of groups between fixed words.
  chinese: (string | number)[];
}

function entry([english, chinese]: [string, string]): Entry {
  const literals = english.split(/\{\w*\}/);
  const names = [...english.matchAll(/\{(\w*)\}/g)].map(([, name]) => name!);
  let next = 0;
  const place = (name: string): number => (name && !/^\d+$/.test(name) ? names.indexOf(name) : name ? Number(name) - 1 : next++);
  return {
    text: new RegExp(`^${literals.map(escape).join('(.+?)')}$`, 's'),
    // A regular expression may begin or end within a value.
    source: new RegExp(`^${literals.map((text) => escape(escape(text))).join('(.*?)')}$`, 's'),
    fixed: literals.join('').length,
    tells: /[A-Za-z]/.test(literals.join('')),
    chinese: chinese.split(/(\{\w*\})/).map((part) => (/^\{\w*\}$/.test(part) ? place(part.slice(1, -1)) : part)),
  };
}

const ENTRIES = [...Object.entries(CATALOGUE.words), ...Object.entries(CATALOGUE.messages)]
  .map(entry)
  .filter(({ fixed }) => fixed > 0)
  .sort((a, b) => b.fixed - a.fixed);

// The Chinese for a text, or for the source of a regular expression.
function find(text: string, kind: 'text' | 'source'): string | undefined {
  for (const { [kind]: pattern, tells, chinese } of ENTRIES) {
    const values = pattern.exec(text)?.slice(1);
    const known = values?.map((value) => find(value, kind));
    if (!values || !known || (!tells && !known.some(Boolean))) continue;
    const quote = kind === 'source' ? escape : (part: string) => part;
    return chinese.map((part) => (typeof part === 'number' ? (known[part] ?? values[part] ?? '') : quote(part))).join('');
  }
  return undefined;
}

// Names, numbers, JSON, and words in capitals such as GET are nobody's language.
const isNeutral = (text: string): boolean =>
  !/[A-Za-z]{2}/.test(text) || /[\u4e00-\u9fff]/.test(text) || /^[^A-Z\s][^\s]*$/.test(text) || /^[A-Z\d ]+$/.test(text) || /^[[{"]/.test(text);

export const isTheirs = (text: string): boolean => THEIRS.some((pattern) => pattern.test(text));

function inChinese(text: string): string {
  if (isTheirs(text)) return text;
  const found = find(text, 'text');
  if (found !== undefined) return found;
  // The words of a filter and how many it finds.
  const [, words, count] = /^(.+) (\d[\d,]*)$/s.exec(text) ?? [];
  if (words) return `${inChinese(words)} ${count}`;
  if (isNeutral(text)) return text;
  throw new Error(`no Chinese for "${text}"`);
}

function alternative(source: string): string {
  const [, start, body, end] = /^(\^?)(.*?)((?:\\b)?\$?)$/s.exec(source)!;
  const words = body!.replace(/\\[a-z]|\[[^\]]*\]|\{[\d,]+\}/g, ' ').replace(/\\(.)/g, '$1').trim();
  if (isTheirs(words)) return source;
  const found = find(body!, 'source');
  // There is no boundary of words after a Chinese one.
  if (found !== undefined) return start + found + end!.replace('\\b', '(?![\\u4e00-\\u9fff])');
  if (isNeutral(words)) return source;
  throw new Error(`no Chinese for /${source}/`);
}

let spoken: Language = 'en';

// Whether tests and page have different words.
export const isTranslated = (): boolean => spoken !== 'en';

// What the page says for these English words.
export function said<T extends string | RegExp>(words: T): T {
  if (!isTranslated()) return words;
  if (typeof words === 'string') return inChinese(words) as T;
  return new RegExp(words.source.replaceAll('\\/', '/').split('|').map(alternative).join('|'), words.flags) as T;
}

// The words for a text that has several in Chinese, by what it is about.
export const about = (english: string, context: string): string => (isTranslated() ? CATALOGUE.words[`${english}\u0004${context}`]! : english);

type Method = (...args: unknown[]) => unknown;

// Options such as `{ name: 'Stop' }`, with the words of these members as the page says them.
function translated(options: unknown, ...members: string[]): unknown {
  if (typeof options !== 'object' || options === null) return options;
  const of = (member: string) => (options as Record<string, string | RegExp | undefined>)[member];
  return { ...options, ...Object.fromEntries(members.filter((member) => of(member) !== undefined).map((member) => [member, said(of(member)!)])) };
}

// From here on the browser's locators take English words for those of the page.
export async function speak(language: Language, browser: Browser): Promise<void> {
  spoken = language;
  if (!isTranslated()) return;
  const context = await browser.newContext();
  const page = await context.newPage();
  const [frame, locator] = [page.mainFrame(), page.locator('html')].map((object) => Object.getPrototypeOf(object) as Record<string, Method>);
  await context.close();
  const change = (prototype: Record<string, Method>, name: string, args: (...args: unknown[]) => unknown[]): void => {
    const method = prototype[name]!;
    prototype[name] = function (this: unknown, ...given: unknown[]) {
      return method.apply(this, args(...given));
    };
  };
  for (const prototype of [frame!, locator!]) {
    change(prototype, 'getByRole', (role, options) => [role, translated(options, 'name', 'description')]);
    for (const name of ['getByLabel', 'getByText', 'getByPlaceholder', 'getByTitle']) {
      change(prototype, name, (words, options) => [said(words as string), options]);
    }
    change(prototype, 'locator', (selector, options) => [selector, translated(options, 'hasText', 'hasNotText')]);
  }
  change(locator!, 'filter', (options) => [translated(options, 'hasText', 'hasNotText')]);
  change(locator!, 'selectOption', (choice, options) => [translated(choice, 'label'), options]);
}
