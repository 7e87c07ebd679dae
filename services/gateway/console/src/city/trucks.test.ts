import { describe, expect, test } from 'vitest';
import { placeAt } from './map/motion';
import { countByStatus, NO_FILTER, Piles, Truck, type Filter } from './trucks';
import type { AlertRow, VehicleRow } from '../shared/wire';

const AT = '2026-11-16T02:00:00Z';
const row = (vehicle_id: string, more: Partial<VehicleRow> = {}): VehicleRow => ({
  vehicle_id, plate: `沪A${vehicle_id}`, kind: 'compactor', district_id: '310104003', status: 'driving', last_at: AT,
  lon: 121.43, lat: 31.18, speed_kmh: 20, heading_deg: 90, load_kg: null, ...more,
});
const alerted = (truck: Truck): Truck => {
  truck.pin({ alert_id: 'A-1' } as AlertRow);
  return truck;
};
const ids = (trucks: Truck[]): string[] => trucks.map((truck) => truck.id);
const FLEET = [
  new Truck(row('T-1', { status: 'parked' })), new Truck(row('T-2', { status: 'offline', kind: 'sweeper' })), new Truck(row('T-3')),
  alerted(new Truck(row('T-4', { status: 'offline', district_id: '310104004' }))), new Truck(row('T-5', { status: 'idle' })),
];

FLEET.forEach((truck, slot) => (truck.slot = slot));

function listed(fleet: Truck[], filter: Filter): Truck[] {
  const piles = new Piles();
  piles.put(fleet, fleet.length, filter);
  return piles.list(fleet);
}

describe('the list', () => {
  test('shows trouble first, then driving, idle, parked, offline', () => {
    expect(ids(listed(FLEET, NO_FILTER))).toEqual(['T-4', 'T-3', 'T-5', 'T-1', 'T-2']);
  });

  test.each([
    [{ text: 't-3' }, ['T-3']],
    [{ text: ' 沪AT-1 ' }, ['T-1']],
    [{ status: 'offline' as const }, ['T-4', 'T-2']],
    [{ status: 'trouble' as const }, ['T-4']],
    [{ kind: 'sweeper' }, ['T-2']],
    [{ district: '310104004' }, ['T-4']],
    [{ text: 'T-', kind: 'compactor', status: 'offline' as const }, ['T-4']],
    [{ text: 'nobody' }, []],
  ])('filtered by %o shows %o', (filter, expected) => {
    expect(ids(listed(FLEET, { ...NO_FILTER, ...filter }))).toEqual(expected);
  });

  test('moves only the truck that changed', () => {
    const fleet = ['T-1', 'T-2', 'T-3'].map((id, slot) => Object.assign(new Truck(row(id)), { slot }));
    const piles = new Piles();
    piles.put(fleet, 3, NO_FILTER);
    fleet[0]!.status = 'offline';
    fleet[2]!.status = 'parked';
    piles.put([fleet[0]!], 3, NO_FILTER);
    expect(ids(piles.list(fleet))).toEqual(['T-2', 'T-3', 'T-1']);
    piles.put([alerted(fleet[1]!)], 3, { ...NO_FILTER, status: 'trouble' });
    piles.put(fleet, 3, { ...NO_FILTER, status: 'trouble' });
    expect(ids(piles.list(fleet))).toEqual(['T-2']);
    expect(fleet.map((truck) => truck.shown)).toEqual([false, true, false]);
  });

  test('counts every truck once', () => {
    expect(countByStatus(FLEET)).toEqual({ driving: 1, idle: 1, parked: 1, offline: 2 });
  });
});

describe('a truck', () => {
  const at = Date.parse(AT);

  test('that falls silent turns offline although its row does not change', () => {
    const truck = new Truck(row('T-1'));
    truck.judge(at + 599_000, 600_000);
    expect(truck.status).toBe('driving');
    truck.judge(at + 601_000, 600_000);
    expect(truck.status).toBe('offline');
  });

  test('that is parked stays parked however long it is silent', () => {
    const truck = new Truck(row('T-1', { status: 'parked' }));
    truck.judge(at + 86_400_000, 600_000);
    expect(truck.status).toBe('parked');
  });

  test('moves in the time that passed between its two fixes', () => {
    const truck = new Truck(row('T-1'));
    const from = placeAt(truck.motion!, 1000);
    truck.take(row('T-1', { lon: 121.431, last_at: '2026-11-16T02:00:04Z' }), 1000, true);
    const to = placeAt(truck.motion!, 5000);
    expect(placeAt(truck.motion!, 1000).x).toBeCloseTo(from.x, 12);
    expect(placeAt(truck.motion!, 3000).x).toBeCloseTo((from.x + to.x) / 2, 12);
    expect(to.x).toBeGreaterThan(from.x);
  });

  test('jumps when nothing shall move on the screen', () => {
    const truck = new Truck(row('T-1'));
    truck.take(row('T-1', { lon: 121.431, last_at: '2026-11-16T02:00:04Z' }), 1000, false);
    expect(placeAt(truck.motion!, 1000)).toEqual(placeAt(truck.motion!, 9000));
  });

  test('without a plate is called by its id', () => {
    expect(new Truck(row('T-1', { plate: '' })).name).toBe('T-1');
  });
});
