/** How a truck moves on the screen between two things it said. Places are Web Mercator, 0 to 1 across the world. */

export interface Motion {
  fromX: number;
  fromY: number;
  toX: number;
  toY: number;
  fromDeg: number;
  toDeg: number;
  startMs: number;
  lastsMs: number;
}

export interface Place {
  x: number;
  y: number;
}

const SHORTEST_MS = 500;
const LONGEST_MS = 8_000;
/** Farther than this in one step (some 2 km) is no drive: the truck was silent. It appears where it is. */
const LEAP = 2 / 40_000;

export const mercatorX = (lon: number): number => (180 + lon) / 360;

export const mercatorY = (lat: number): number =>
  (180 - (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360))) / 360;

export const lonOf = (x: number): number => x * 360 - 180;

export const latOf = (y: number): number => (360 / Math.PI) * Math.atan(Math.exp(((180 - y * 360) * Math.PI) / 180)) - 90;

export function standing(x: number, y: number, deg: number): Motion {
  return { fromX: x, fromY: y, toX: x, toY: y, fromDeg: deg, toDeg: deg, startMs: 0, lastsMs: 1 };
}

/** 0 at the beginning, 1 from the end on. */
export function share(motion: Motion, nowMs: number): number {
  return Math.min(1, Math.max(0, (nowMs - motion.startMs) / motion.lastsMs));
}

export function placeAt(motion: Motion, nowMs: number): Place {
  const s = share(motion, nowMs);
  return { x: motion.fromX + (motion.toX - motion.fromX) * s, y: motion.fromY + (motion.toY - motion.fromY) * s };
}

export function degAt(motion: Motion, nowMs: number): number {
  return motion.fromDeg + turn(motion.fromDeg, motion.toDeg) * share(motion, nowMs);
}

/** The shorter way round, from -180 to 180 degrees. */
export function turn(fromDeg: number, toDeg: number): number {
  return ((((toDeg - fromDeg) % 360) + 540) % 360) - 180;
}

/** From where it is seen now to where it says it is, in the time it took to say so. `lastsMs` 0: at once. */
export function moveTo(motion: Motion, x: number, y: number, deg: number | null, nowMs: number, lastsMs: number): void {
  const here = placeAt(motion, nowMs);
  const facing = degAt(motion, nowMs);
  const leaps = lastsMs <= 0 || Math.hypot(x - here.x, y - here.y) > LEAP;
  motion.fromX = leaps ? x : here.x;
  motion.fromY = leaps ? y : here.y;
  motion.toX = x;
  motion.toY = y;
  motion.toDeg = deg ?? motion.toDeg;
  motion.fromDeg = leaps ? motion.toDeg : motion.toDeg - turn(facing, motion.toDeg);
  motion.startMs = nowMs;
  motion.lastsMs = leaps ? 1 : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, lastsMs));
}
