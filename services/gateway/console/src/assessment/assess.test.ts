import { expect, test } from 'vitest';
import { yuan } from '../shared/format';
import { monthsUntil } from './calls';

test('months go back over the turn of the year', () => {
  expect(monthsUntil('2026-02-28', 4)).toEqual(['2026-02', '2026-01', '2025-12', '2025-11']);
});

test('fen are shown as yuan, exactly', () => {
  expect(yuan(92_625_005)).toBe('¥926,250.05');
  expect(yuan(0)).toBe('¥0.00');
});
