import { expect, test } from 'vitest';
import { asked, NOTHING_WANTED } from './calls';
import { NOTHING_FILLED, offered, stepBody } from './steps';

test('a step waits for what has to be said with it', () => {
  expect(stepBody('accept', NOTHING_FILLED)).toEqual({ step: 'accept', note: '' });
  expect(stepBody('return', NOTHING_FILLED)).toBeNull();
  expect(stepBody('return', { ...NOTHING_FILLED, text: ' 不属于本单位 ' })).toEqual({ step: 'return', note: '不属于本单位' });
  expect(stepBody('dispatch', { ...NOTHING_FILLED, contractor: 'K-1' })).toEqual({ step: 'dispatch', contractor_id: 'K-1', note: '' });
  expect(stepBody('ask_extension', { ...NOTHING_FILLED, text: '等待配件', hours: 0 })).toBeNull();
  expect(stepBody('call_back', { ...NOTHING_FILLED, satisfaction: 'not_satisfied' })).toMatchObject({ solved: false });
  expect(stepBody('', NOTHING_FILLED)).toBeNull();
});

test('joining and editing are offered elsewhere', () => {
  expect(offered(['accept', 'join', 'edit', 'note'])).toEqual(['accept', 'note']);
});

test('a list is asked for by what was chosen, and one letter is no search', () => {
  expect(asked(NOTHING_WANTED, null).toString()).toBe('open=true&limit=50');
  const wanted = { ...NOTHING_WANTED, colour: 'red', words: '满', closed: true };
  expect(asked(wanted, 'next').toString()).toBe('colour=red&cursor=next&limit=50');
  expect(asked({ ...NOTHING_WANTED, words: '满溢' }, null).get('q')).toBe('满溢');
});
