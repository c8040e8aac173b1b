// `expect`, whose words are those of the console in the language that the project runs in.
import { expect as base } from '@playwright/test';
import { isTranslated, said } from './language.ts';

type Words = string | RegExp;
type Matcher = (...args: unknown[]) => unknown;

const inLanguage = (words: Words | readonly Words[]): Words | Words[] => (words instanceof Array ? words.map((each) => said(each)) : said(words as Words));

// Matchers that tell words; all others are left alone.
const MATCHERS = new Set(['toHaveText', 'toContainText', 'toHaveAccessibleName', 'toHaveAccessibleDescription', 'toHaveTitle']);
const ATTRIBUTES = new Set(['title', 'aria-label', 'placeholder']);

const speaking = (matchers: object): object =>
  new Proxy(matchers, {
    get(target, name) {
      const found = Reflect.get(target, name) as unknown;
      if (name === 'not') return speaking(found as object);
      if (typeof found !== 'function') return found;
      const matcher = found.bind(target) as Matcher;
      if (MATCHERS.has(String(name))) return (words: Words | Words[], ...rest: unknown[]) => matcher(inLanguage(words), ...rest);
      if (name !== 'toHaveAttribute') return matcher;
      return (attribute: string, ...rest: unknown[]) =>
        matcher(attribute, ...rest.map((words, at) => (at === 0 && ATTRIBUTES.has(attribute) ? said(words as Words) : words)));
    },
  });

type Make = (...args: unknown[]) => object;

// In English the matchers are the plain ones, so that a failure names the line of the spec.
const made = (make: Make, args: unknown[]): object => (isTranslated() ? speaking(make(...args)) : make(...args));

const inWords = <T extends object>(expecting: T): T =>
  new Proxy(expecting, {
    apply: (target, _, args) => made(target as Make, args),
    get(target, name) {
      const found = Reflect.get(target, name) as unknown;
      return name === 'soft' ? inWords(found as object) : found;
    },
  });

export const expect = inWords(base);
