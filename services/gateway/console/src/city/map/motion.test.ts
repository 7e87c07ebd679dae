import { describe, expect, test } from 'vitest';
import { degAt, latOf, lonOf, mercatorX, mercatorY, moveTo, placeAt, standing, turn } from './motion';

describe('places', () => {
  test.each([[121.43, 31.18], [0, 0], [-73.9, 40.7], [179.9, -60]])('%f, %f comes back as it went', (lon, lat) => {
    expect(lonOf(mercatorX(lon))).toBeCloseTo(lon, 9);
    expect(latOf(mercatorY(lat))).toBeCloseTo(lat, 9);
  });

  test('the equator at Greenwich is the middle of the world', () => {
    expect([mercatorX(0), mercatorY(0)]).toEqual([0.5, 0.5]);
  });
});

describe('turning', () => {
  test.each([[0, 90, 90], [350, 10, 20], [10, 350, -20], [0, 180, -180], [90, 90, 0], [-10, 370, 20]])('from %i to %i is %i degrees', (from, to, by) => {
    expect(turn(from, to)).toBe(by);
  });

  test('a truck turns the shorter way', () => {
    const motion = standing(0.5, 0.5, 350);
    moveTo(motion, 0.5, 0.5, 10, 0, 4000);
    expect(((degAt(motion, 2000) % 360) + 360) % 360).toBeCloseTo(0, 9);
  });
});

describe('moving', () => {
  const near = 0.5 + 1e-7;

  test('goes on from where it is seen when the next word comes early', () => {
    const motion = standing(0.5, 0.5, 0);
    moveTo(motion, near, 0.5, 0, 0, 4000);
    const seen = placeAt(motion, 2000);
    moveTo(motion, near + 1e-7, 0.5, 0, 2000, 4000);
    expect(placeAt(motion, 2000)).toEqual(seen);
    expect(placeAt(motion, 6000).x).toBeCloseTo(near + 1e-7, 12);
  });

  test('stays where it is when nothing more is heard', () => {
    const motion = standing(0.5, 0.5, 0);
    moveTo(motion, near, 0.5, 0, 0, 4000);
    expect(placeAt(motion, 1e9).x).toBe(near);
  });

  test('a truck that was silent appears where it is and does not fly over the city', () => {
    const motion = standing(0.5, 0.5, 0);
    moveTo(motion, 0.501, 0.5, 0, 0, 4000);
    expect(placeAt(motion, 1).x).toBe(0.501);
  });

  test('keeps its heading when a fix says none', () => {
    const motion = standing(0.5, 0.5, 45);
    moveTo(motion, near, 0.5, null, 0, 4000);
    expect(degAt(motion, 4000)).toBe(45);
  });
});
