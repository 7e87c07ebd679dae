import type { ServicePoint } from '../points';
import type { Truck } from '../trucks';
import { placeAt, type Place } from './motion';
import { toWorld, type View } from './view';

const REACH_PX = 16;
const POINT_REACH_PX = 10;

/** The truck seen nearest to this place of the screen; of two as near, the one in trouble. */
export function pickTruck(trucks: readonly Truck[], view: View, screen: Place, nowMs: number): Truck | null {
  const here = toWorld(view, screen);
  let best: Truck | null = null;
  let nearest = (REACH_PX / view.scale) ** 2;
  for (const truck of trucks) {
    if (!truck.motion) continue;
    const place = placeAt(truck.motion, nowMs);
    const distance = ((place.x - here.x) ** 2 + (place.y - here.y) ** 2) * (truck.inTrouble ? 0.5 : 1);
    if (distance < nearest) [best, nearest] = [truck, distance];
  }
  return best;
}

export function pickPoint(points: readonly ServicePoint[], view: View, screen: Place): ServicePoint | null {
  const here = toWorld(view, screen);
  let best: ServicePoint | null = null;
  let nearest = (POINT_REACH_PX / view.scale) ** 2;
  for (const point of points) {
    const distance = (point.x - here.x) ** 2 + (point.y - here.y) ** 2;
    if (distance < nearest) [best, nearest] = [point, distance];
  }
  return best;
}
