import { expect, test } from 'vitest';
import { ago, clock, dayOf, measured, moment, weight } from './format';
import { en } from './i18n/en';
import { zh } from './i18n/zh';

const SHANGHAI = 'Asia/Shanghai';

test('times are those of the city, whatever the browser’s', () => {
  expect(clock('2026-11-16T16:05:09Z', SHANGHAI)).toBe('00:05:09');
  expect(clock('2026-11-16T16:05:09Z', 'America/New_York')).toBe('11:05:09');
  expect(dayOf('2026-11-16T16:05:09Z', SHANGHAI)).toBe('2026-11-17');
});

test('a moment of another day says the day', () => {
  const now = Date.parse('2026-11-17T02:00:00Z');
  expect(moment('2026-11-17T01:30:00Z', now, SHANGHAI)).toBe('09:30');
  expect(moment('2026-11-16T01:30:00Z', now, SHANGHAI)).toBe('11-16 09:30');
});

test.each([[2, 'just now'], [42, '42 s ago'], [61, '1 min ago'], [7300, '2 h ago'], [200_000, '2 d ago']])('%i seconds ago is %s', (seconds, expected) => {
  expect(ago(new Date(1e12 - seconds * 1000).toISOString(), 1e12, en)).toBe(expected);
});

test('weights are kilograms, and tonnes from ten tonnes on', () => {
  expect([0, 9999, 10_000, 123_456].map((kg) => weight(kg, en.units))).toEqual(['0 kg', '9,999 kg', '10 t', '123.5 t']);
  expect([9999, 10_000].map((kg) => weight(kg, zh.units))).toEqual(['9,999 千克', '10 吨']);
});

test('what an alert measured has its unit', () => {
  expect([measured('overspeed', 71.25, en), measured('long_idle', 35, en), measured('geofence', 0, en)]).toEqual(['71.3 km/h', '35 min', '']);
});
