/** What a map can do, whichever way it is drawn: with WebGL (MapLibre) or, where there is none, on a plain canvas. */

import type { Districts, Fix, Verdict } from '../../shared/wire';
import type { Palette } from './palette';
import type { Fleet, Sprites } from './scene';
import type { Place } from './motion';
import type { Bounds, View } from './view';

export interface Surface {
  readonly kind: 'webgl' | 'canvas';
  view(): View;
  /** Draw now what is there at `nowMs`. */
  draw(nowMs: number): void;
  setTrucks(fleet: Fleet): void;
  setPoints(sprites: Sprites): void;
  setDistricts(districts: Districts, language: 'zh' | 'en'): void;
  /** The streets of the run that is looked at. */
  setSections(sections: readonly SectionLine[]): void;
  setTrail(fixes: readonly Fix[]): void;
  /** A place on the trail that is looked at; null: none. */
  setSpot(place: Place | null): void;
  setPalette(palette: Palette): void;
  fit(bounds: Bounds, smoothly: boolean): void;
  /** `zoom`: at least so close. */
  centre(place: Place, zoom?: number): void;
  zoomBy(steps: number): void;
  destroy(): void;
}

export interface Gestures {
  /** The person moved the map: it follows nobody any more. */
  onMoved(): void;
  onPoint(screen: Place | null): void;
  onClick(screen: Place): void;
}

export interface SectionLine {
  verdict: Verdict;
  line: [number, number][];
}

export interface TrailPiece {
  speedClass: number;
  line: [number, number][];
}
