import { expect, test } from 'vitest';
import type { Fix } from '../../shared/wire';
import { trailPieces } from './trail';

const fix = (second: number, speed_kmh: number): Fix => ({ at: new Date(second * 1000).toISOString(), lon: 121 + second / 1e5, lat: 31, speed_kmh });

test('a trail is cut where its colour changes, without a gap', () => {
  const pieces = trailPieces([fix(0, 0), fix(10, 25), fix(20, 30), fix(30, 70)]);
  expect(pieces.map((piece) => piece.speedClass)).toEqual([2, 4]);
  expect(pieces[0]!.line.at(-1)).toEqual(pieces[1]!.line[0]);
});

test('it is broken where the truck was silent', () => {
  const pieces = trailPieces([fix(0, 25), fix(10, 25), fix(1000, 25), fix(1010, 25)]);
  expect(pieces.map((piece) => piece.line.length)).toEqual([2, 2]);
});
