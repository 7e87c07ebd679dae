/** Trucks and service points as the numbers that are drawn. One layout for the graphics card and for the canvas. */

import type { ServicePoint } from '../points';
import type { Truck } from '../trucks';
import { selectedCell, statusCell, verdictCell } from './marks';
import type { Motion, Place } from './motion';

/** Floats of a sprite: fromX, fromY, toX, toY, fromDeg, toDeg, start s, lasts s, cell. Places count from `origin`: floats are too coarse for the world. */
export const FLOATS = 9;
const UPRIGHT = 0;

export interface Sprites {
  data: Float32Array;
  count: number;
  origin: Place;
  /** Starts count from here, in ms. */
  epochMs: number;
  /** Until when something moves, in ms. */
  movingUntilMs: number;
}

export const noSprites = (): Sprites => ({ data: new Float32Array(0), count: 0, origin: { x: 0, y: 0 }, epochMs: 0, movingUntilMs: 0 });

/** The selection lies below, then the calm, and those in trouble above all. */
export function writeTrucks(into: Sprites, trucks: readonly Truck[], selectedId: string | null, nowMs: number): void {
  const data = room(into, trucks.length + 1);
  const origin = trucks.find((truck) => truck.motion)?.motion;
  into.origin = origin ? { x: origin.toX, y: origin.toY } : { x: 0, y: 0 };
  into.epochMs = nowMs;
  into.movingUntilMs = 0;
  let n = 0;
  for (const truck of trucks) {
    if (truck.id === selectedId && truck.motion) n = put(data, n, into, truck.motion, selectedCell, false);
  }
  for (const trouble of [false, true]) {
    for (const truck of trucks) {
      if (!truck.motion || truck.inTrouble !== trouble) continue;
      n = put(data, n, into, truck.motion, statusCell(truck.status, trouble), truck.status === 'driving');
    }
  }
  into.count = n;
}

export function writePoints(into: Sprites, points: readonly ServicePoint[]): void {
  const data = room(into, points.length);
  into.origin = points[0] ? { x: points[0].x, y: points[0].y } : { x: 0, y: 0 };
  let n = 0;
  for (const point of points) {
    const { x, y } = point;
    const still: Motion = { fromX: x, fromY: y, toX: x, toY: y, fromDeg: 0, toDeg: 0, startMs: 0, lastsMs: 1 };
    n = put(data, n, into, still, verdictCell(point.stop.verdict), false);
  }
  into.count = n;
}

function room(sprites: Sprites, count: number): Float32Array {
  if (sprites.data.length < count * FLOATS) sprites.data = new Float32Array(Math.ceil(count * 1.25) * FLOATS);
  return sprites.data;
}

function put(data: Float32Array, n: number, sprites: Sprites, motion: Motion, cell: number, turns: boolean): number {
  const { origin } = sprites;
  const at = n * FLOATS;
  data[at] = motion.fromX - origin.x;
  data[at + 1] = motion.fromY - origin.y;
  data[at + 2] = motion.toX - origin.x;
  data[at + 3] = motion.toY - origin.y;
  data[at + 4] = turns ? motion.fromDeg : UPRIGHT;
  data[at + 5] = turns ? motion.toDeg : UPRIGHT;
  data[at + 6] = (motion.startMs - sprites.epochMs) / 1000;
  data[at + 7] = motion.lastsMs / 1000;
  data[at + 8] = cell;
  const untilMs = motion.startMs + motion.lastsMs;
  if (untilMs > sprites.movingUntilMs && (motion.fromX !== motion.toX || motion.fromY !== motion.toY)) sprites.movingUntilMs = untilMs;
  return n + 1;
}
