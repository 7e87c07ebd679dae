/** What browser tests read: where each truck is seen now. It shows nothing that the page does not show. */

import type { City } from '../city.svelte';
import { degAt, latOf, lonOf, placeAt } from './motion';
import type { Surface } from './surface';
import { toScreen } from './view';

export interface SeenTruck {
  id: string;
  status: string;
  trouble: boolean;
  lon: number;
  lat: number;
  deg: number;
  screen: { x: number; y: number };
}

declare global {
  interface Window {
    sanitationMap?: { kind: string; trucks(): SeenTruck[]; points(): { verdict: string; lon: number; lat: number }[] };
  }
}

export function offerToTests(city: City, surface: Surface): () => void {
  const trucks = (): SeenTruck[] => {
    const [view, nowMs] = [surface.view(), performance.now()];
    return city.listed.flatMap((truck) => {
      if (!truck.motion) return [];
      const place = placeAt(truck.motion, nowMs);
      const { id, status, inTrouble: trouble } = truck;
      return [{ id, status, trouble, lon: lonOf(place.x), lat: latOf(place.y), deg: degAt(truck.motion, nowMs), screen: toScreen(view, place) }];
    });
  };
  const points = () => city.points.map(({ stop }) => ({ verdict: stop.verdict, lon: stop.lon, lat: stop.lat }));
  window.sanitationMap = { kind: surface.kind, trucks, points };
  return () => delete window.sanitationMap;
}
