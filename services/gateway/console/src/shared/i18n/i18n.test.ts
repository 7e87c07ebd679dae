import { expect, test } from 'vitest';
import { en } from './en';
import { zh } from './zh';

function leaves(words: object, path = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) => {
    if (typeof value === 'object') return leaves(value as object, `${path}${key}.`);
    return [[path + key, typeof value === 'function' ? String((value as (...of: unknown[]) => string)(3, 7)) : String(value)]] as [string, string][];
  });
}

test('both dictionaries have the same words', () => {
  expect(leaves(en).map(([key]) => key).sort()).toEqual(leaves(zh).map(([key]) => key).sort());
});

test('no word is empty', () => {
  expect([...leaves(en), ...leaves(zh)].filter(([, word]) => !word.trim())).toEqual([]);
});

test('nothing Chinese is left in English and nothing untranslated in Chinese', () => {
  expect(leaves(en).filter(([, word]) => /\p{Script=Han}/u.test(word))).toEqual([]);
  expect(leaves(zh).filter(([, word]) => !/\p{Script=Han}/u.test(word))).toEqual([]);
});
