/** What part of the world is seen: enough to place anything on the screen, the same for every way of drawing. */

import { mercatorX, mercatorY, type Place } from './motion';

export interface View {
  /** Web Mercator at the middle of the screen. */
  x: number;
  y: number;
  /** CSS pixels across the whole world. */
  scale: number;
  width: number;
  height: number;
}

const WORLD_AT_ZOOM_0 = 512;

export const scaleOf = (zoom: number): number => WORLD_AT_ZOOM_0 * 2 ** zoom;
export const zoomOf = (scale: number): number => Math.log2(scale / WORLD_AT_ZOOM_0);

export const toScreen = (view: View, place: Place): Place => ({
  x: view.width / 2 + (place.x - view.x) * view.scale,
  y: view.height / 2 + (place.y - view.y) * view.scale,
});

export const toWorld = (view: View, screen: Place): Place => ({
  x: view.x + (screen.x - view.width / 2) / view.scale,
  y: view.y + (screen.y - view.height / 2) / view.scale,
});

/** CSS pixels of a truck and of a service point: small when the whole city is seen, larger close by. */
export const truckPx = (zoom: number): number => between(zoom, 9, 15, 9, 22);
export const pointPx = (zoom: number): number => between(zoom, 10, 16, 4, 15);

function between(zoom: number, from: number, to: number, least: number, most: number): number {
  return least + (most - least) * Math.min(1, Math.max(0, (zoom - from) / (to - from)));
}

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

export function boundsOf(places: Iterable<readonly [number, number]>): Bounds | null {
  const found = { west: 180, south: 90, east: -180, north: -90 };
  for (const [lon, lat] of places) {
    found.west = Math.min(found.west, lon);
    found.east = Math.max(found.east, lon);
    found.south = Math.min(found.south, lat);
    found.north = Math.max(found.north, lat);
  }
  return found.west > found.east ? null : found;
}

export const MOST_ZOOM = 18;
export const LEAST_ZOOM = 4;
const FIT_ZOOM = 15;

/** The view of this size that shows the bounds whole, with `margin` pixels around them. */
export function fitting(bounds: Bounds, width: number, height: number, margin: number): View {
  const [west, east] = [mercatorX(bounds.west), mercatorX(bounds.east)];
  const [north, south] = [mercatorY(bounds.north), mercatorY(bounds.south)];
  const room = (pixels: number): number => Math.max(50, pixels - 2 * margin);
  const scale = Math.min(room(width) / Math.max(1e-9, east - west), room(height) / Math.max(1e-9, south - north));
  return { x: (west + east) / 2, y: (north + south) / 2, scale: Math.min(scale, scaleOf(FIT_ZOOM)), width, height };
}
