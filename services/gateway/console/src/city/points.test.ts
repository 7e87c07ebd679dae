import { describe, expect, test } from 'vitest';
import { ServicePoints } from './points';
import type { StopRow, Verdict } from '../shared/wire';

const NOON = Date.parse('2026-11-16T04:00:00Z');
const stop = (stop_id: string, hours: number, verdict: Verdict, more: Partial<StopRow> = {}): StopRow => ({
  stop_id, run_id: 'R-1', seq: 1, name: '康平路1号', lon: 121.43, lat: 31.18, verdict, served_at: null,
  window_start: new Date(NOON + hours * 3_600_000).toISOString(), window_end: new Date(NOON + hours * 3_600_000 + 900_000).toISOString(), ...more,
});
const shown = (...stops: StopRow[]): Verdict => {
  const points = new ServicePoints();
  points.take(stops, NOON);
  return [...points.byPlace.values()][0]!.stop.verdict;
};

describe('a service point is shown by', () => {
  test('a missed stop, all day', () => expect(shown(stop('a', -5, 'missed'), stop('b', -1, 'collected'))).toBe('missed'));
  test('else the newest whose window has begun', () => expect(shown(stop('a', -5, 'late'), stop('b', -1, 'collected'), stop('c', 2, 'planned'))).toBe('collected'));
  test('one served before its window', () => expect(shown(stop('a', -5, 'collected'), stop('b', 1, 'early'))).toBe('early'));
  test('the next one when none has begun', () => expect(shown(stop('a', 3, 'planned'), stop('b', 1, 'planned'))).toBe('planned'));
});

test('a newer word of a stop takes the place of the older', () => {
  const points = new ServicePoints();
  points.take([stop('a', -1, 'missed')], NOON);
  points.take([stop('a', -1, 'collected')], NOON);
  const [point] = [...points.byPlace.values()];
  expect([point!.stops.length, point!.stop.verdict]).toEqual([1, 'collected']);
});

test('a window begins as time goes by', () => {
  const points = new ServicePoints();
  points.take([stop('a', -1, 'collected'), stop('b', 1, 'planned')], NOON);
  points.refresh(NOON + 2 * 3_600_000);
  expect([...points.byPlace.values()][0]!.stop.stop_id).toBe('b');
});

test('the stops of a run come in their order', () => {
  const points = new ServicePoints();
  points.take([stop('b', 1, 'planned', { seq: 2 }), stop('x', 1, 'planned', { run_id: 'R-2' }), stop('a', 2, 'planned', { seq: 1 })], NOON);
  expect(points.ofRun('R-1').map((one) => one.stop_id)).toEqual(['a', 'b']);
});
