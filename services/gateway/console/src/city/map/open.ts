import { CanvasSurface } from './canvas-surface';
import type { Palette } from './palette';
import type { Gestures, Surface } from './surface';
import { WebGlSurface } from './webgl-surface';

/** With WebGL2 where there is some, else (or when the address says `?canvas`) on a plain canvas. */
export function openSurface(container: HTMLElement, palette: Palette, label: string, gestures: Gestures): Surface {
  const wanted = !new URLSearchParams(location.search).has('canvas');
  if (wanted && hasWebGl2()) {
    try {
      return new WebGlSurface(container, palette, label, gestures);
    } catch (problem) {
      console.info('no WebGL map here, drawing on a canvas', problem);
      container.replaceChildren();
    }
  }
  return new CanvasSurface(container, palette, label, gestures);
}

function hasWebGl2(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}
