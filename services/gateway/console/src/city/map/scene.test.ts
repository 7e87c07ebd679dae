import { expect, test } from 'vitest';
import { Truck } from '../trucks';
import type { AlertRow, VehicleRow } from '../../shared/wire';
import { selectedCell, statusCell } from './marks';
import { FLOATS, noSprites, writeFleet, type Fleet, type Sprites } from './scene';

const row = (n: number, lon = 121.4): VehicleRow => ({
  vehicle_id: `T-${n}`, plate: '', kind: 'compactor', district_id: null, status: 'driving', last_at: null, lon: lon + n / 100, lat: 31.2,
  speed_kmh: 20, heading_deg: 90, load_kg: null,
});
const fleetOf = (count: number): Truck[] =>
  Array.from({ length: count }, (_, n) => Object.assign(new Truck(row(n)), { slot: n }));
const empty = (): Fleet => ({ calm: noSprites(), top: noSprites() });
const cells = ({ data, count }: Sprites): number[] => Array.from({ length: count }, (_, n) => data[n * FLOATS + 8]!);
const calmCell = statusCell('driving', false);

test('a truck in trouble is drawn once, above the others, with the ring of the selection', () => {
  const [all, fleet] = [fleetOf(3), empty()];
  all[1]!.pin({ alert_id: 'A' } as AlertRow);
  writeFleet(fleet, { all, touched: null, listed: [all[1]!, all[0]!, all[2]!], selected: all[0]! }, 0);
  expect(cells(fleet.calm)).toEqual([calmCell, -1, calmCell]);
  expect(cells(fleet.top)).toEqual([statusCell('driving', true), selectedCell]);
});

test('what does not pass the filter or has no place is not drawn', () => {
  const [all, fleet] = [fleetOf(2), empty()];
  all[0]!.shown = false;
  all.push(Object.assign(new Truck({ ...row(2), lon: null, lat: null }), { slot: 2 }));
  writeFleet(fleet, { all, touched: null, listed: all.slice(1), selected: null }, 0);
  expect(cells(fleet.calm)).toEqual([-1, calmCell, -1]);
  expect(fleet.top.count).toBe(0);
});

test('only those that changed are written anew', () => {
  const [all, fleet] = [fleetOf(3), empty()];
  const news = { all, listed: all, selected: null };
  writeFleet(fleet, { ...news, touched: null }, 0);
  for (const truck of all) truck.take(row(Number(truck.id.slice(2)), 121.41), 10, false);
  const before = fleet.calm.data.slice();
  writeFleet(fleet, { ...news, touched: [all[1]!] }, 10);
  const moved = [0, 1, 2].filter((n) => fleet.calm.data[n * FLOATS + 2] !== before[n * FLOATS + 2]);
  expect(moved).toEqual([1]);
});
