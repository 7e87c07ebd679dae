/** Trucks and service points as the numbers that are drawn. One layout for the graphics card and for the canvas. */

import type { ServicePoint } from '../points';
import type { Truck } from '../trucks';
import { selectedCell, statusCell, verdictCell } from './marks';
import { standing, type Motion, type Place } from './motion';

/** Floats of a sprite: fromX, fromY, toX, toY, fromDeg, toDeg, start s, lasts s, cell (below 0: not drawn). Places count from `origin`: floats are too coarse for the world. */
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

/** `calm` holds every truck at its slot; `top` those in trouble once more, above all others, and the ring of the selection. */
export interface Fleet {
  calm: Sprites;
  top: Sprites;
}

/** Starts are kept as floats: after so long they would grow coarse. */
const NEW_EPOCH_MS = 600_000;
const HIDDEN = -1;

export interface FleetNews {
  /** Every truck, in the order of the slots. */
  all: readonly Truck[];
  /** Those to write anew; null: all. */
  touched: Iterable<Truck> | null;
  /** Those that pass the filter, in trouble first. */
  listed: readonly Truck[];
  selected: Truck | null;
}

export function writeFleet({ calm, top }: Fleet, { all, touched, listed, selected }: FleetNews, nowMs: number): void {
  if (!touched || calm.count !== all.length || nowMs - calm.epochMs > NEW_EPOCH_MS) {
    const origin = all.find((truck) => truck.motion)?.motion;
    startAnew(calm, origin ? { x: origin.toX, y: origin.toY } : { x: 0, y: 0 }, all.length, nowMs);
    touched = all;
  }
  for (const truck of touched) writeTruck(calm, truck.slot, truck, !truck.shown || truck.inTrouble ? HIDDEN : statusCell(truck.status, false));
  const calmFrom = listed.findIndex((truck) => !truck.inTrouble);
  const troubled = calmFrom < 0 ? listed : listed.slice(0, calmFrom);
  startAnew(top, calm.origin, troubled.length + 1, nowMs);
  troubled.forEach((truck, n) => writeTruck(top, n, truck, statusCell(truck.status, true)));
  if (selected?.motion && selected.shown) put(top, troubled.length, selected.motion, selectedCell, false);
  else top.count--;
}

function startAnew(sprites: Sprites, origin: Place, count: number, nowMs: number): void {
  room(sprites, count);
  Object.assign(sprites, { origin, count, epochMs: nowMs, movingUntilMs: 0 });
}

function writeTruck(into: Sprites, slot: number, truck: Truck, cell: number): void {
  if (truck.motion) put(into, slot, truck.motion, cell, truck.status === 'driving');
  else into.data[slot * FLOATS + 8] = HIDDEN;
}

export function writePoints(into: Sprites, points: readonly ServicePoint[]): void {
  startAnew(into, points[0] ? { x: points[0].x, y: points[0].y } : { x: 0, y: 0 }, points.length, 0);
  points.forEach((point, n) => put(into, n, standing(point.x, point.y, 0), verdictCell(point.stop.verdict), false));
}

function room(sprites: Sprites, count: number): void {
  if (sprites.data.length < count * FLOATS) sprites.data = new Float32Array(Math.ceil(count * 1.25) * FLOATS);
}

function put(sprites: Sprites, n: number, motion: Motion, cell: number, turns: boolean): void {
  const { data, origin } = sprites;
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
}
