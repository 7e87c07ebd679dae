import { expect, test } from 'vitest';
import type { FlowsPart } from '../shared/wire';
import { bars, residues } from './stages';

const FLOWS: FlowsPart = {
  as_of: null, stale: false, service_day: '2026-11-16', settled: true, findings: {},
  stages: [
    { stage: 'lifted', stream: 'residual', net_kg: 3000 },
    { stage: 'lifted', stream: 'food', net_kg: 1000 },
    { stage: 'unloaded', stream: 'residual', net_kg: 2800 },
    { stage: 'tipped', stream: 'residual', net_kg: 2500 },
    { stage: 'fed', stream: '', net_kg: 900 },
  ],
  streams: [{ stream: 'residual', lifted_kg: 3000, tipped_kg: 2500, on_board_start_kg: 0, on_board_end_kg: 200, residue_kg: 300, residue: [{ name: 'unexplained', net_kg: 320 }, { name: 'first_trip', net_kg: -20 }] }],
  hauls: [{ stream: 'residual', hauled_kg: 5, received_kg: 0, under_way_start_kg: 0, under_way_end_kg: 0, residue_kg: 5, residue: [{ name: 'unexplained', net_kg: 5 }] }],
};

test('every stage is drawn to the scale of the widest, its streams side by side', () => {
  const [lifted, onBoard, tipped] = bars(FLOWS);
  expect(lifted).toEqual({
    stage: 'lifted', kg: 4000,
    parts: [{ stream: 'residual', kg: 3000, from: 0, share: 75 }, { stream: 'food', kg: 1000, from: 75, share: 25 }],
  });
  expect([onBoard?.kg, onBoard?.parts[0]?.share]).toEqual([200, 5]);
  expect([tipped?.kg, tipped?.parts[0]?.share]).toEqual([2500, 62.5]);
});

test('a day on which nothing was weighed has empty rows', () => {
  const empty = bars({ ...FLOWS, stages: [], streams: [], hauls: [] });
  expect(empty.map((row) => [row.stage, row.kg, row.parts.length])).toEqual(
    ['lifted', 'on_board', 'tipped', 'hauled', 'under_way', 'received', 'fed'].map((stage) => [stage, 0, 0]),
  );
});

test('residues of trucks and of hauls stay apart, the largest first', () => {
  expect(residues(FLOWS)).toEqual([
    { name: 'unexplained', between: 'truck', kg: 320 },
    { name: 'first_trip', between: 'truck', kg: -20 },
    { name: 'unexplained', between: 'haul', kg: 5 },
  ]);
});
