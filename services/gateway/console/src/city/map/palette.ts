/** Colours of the map, for both appearances. Each state also has its own shape (marks.ts): colour is never the only sign. */

import type { Status, Verdict } from '../../shared/wire';

export interface Palette {
  ground: string;
  district: string;
  border: string;
  label: string;
  outline: string;
  trouble: string;
  selected: string;
  status: Record<Status, string>;
  verdict: Record<Verdict, string>;
  /** Of the trail, from standing to fast. */
  speeds: readonly string[];
}

export const LIGHT: Palette = {
  ground: '#e3e9ee',
  district: '#f7f9fa',
  border: '#aebbc6',
  label: '#4a5a68',
  outline: '#ffffff',
  trouble: '#d0021b',
  selected: '#101820',
  status: { driving: '#0a64b4', idle: '#a86500', parked: '#5f6f7d', offline: '#5f6f7d' },
  verdict: {
    planned: '#8797a5', collected: '#1f8a5b', early: '#6b4fc8', late: '#b86e00', missed: '#d0021b', unknown: '#5f6f7d', excepted: '#9c2f86',
  },
  speeds: ['#8a97a3', '#7fb3dc', '#0a64b4', '#e08a00', '#d0021b'],
};

export const DARK: Palette = {
  ground: '#0c1218',
  district: '#17212a',
  border: '#3a4a58',
  label: '#9db0c0',
  outline: '#0c1218',
  trouble: '#ff5a5f',
  selected: '#ffffff',
  status: { driving: '#5ab0ff', idle: '#f0b03c', parked: '#93a5b4', offline: '#93a5b4' },
  verdict: {
    planned: '#6d7f8e', collected: '#3fbf85', early: '#a894ff', late: '#f0a63c', missed: '#ff5a5f', unknown: '#93a5b4', excepted: '#e07fcf',
  },
  speeds: ['#6d7f8e', '#3f6f96', '#5ab0ff', '#f0b03c', '#ff5a5f'],
};

/** km/h below which a piece of trail has the colour at the same place in `speeds`. */
export const SPEED_STEPS = [3, 20, 40, 60] as const;

export const speedClass = (kmh: number | null): number => {
  const step = SPEED_STEPS.findIndex((limit) => (kmh ?? 0) < limit);
  return step < 0 ? SPEED_STEPS.length : step;
};
