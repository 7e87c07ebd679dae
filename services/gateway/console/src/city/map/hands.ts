/** Mouse, fingers and keys on the plain canvas; MapLibre brings its own. */

import type { Place } from './motion';
import type { Gestures } from './surface';

export interface Hands extends Gestures {
  pan(dx: number, dy: number): void;
  zoomAt(screen: Place, steps: number): void;
}

const CLICK_PX = 4;
const KEY_PX = 80;
const KEYS: Record<string, [number, number]> = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function listenToHands(canvas: HTMLCanvasElement, hands: Hands): void {
  const held = new Map<number, Place>();
  let travelled = 0;
  const at = (event: MouseEvent): Place => ({ x: event.offsetX, y: event.offsetY });
  const spread = (): number => {
    const [a, b] = [...held.values()];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  };

  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, at(event));
    travelled = 0;
  });
  canvas.addEventListener('pointermove', (event) => {
    const before = held.get(event.pointerId);
    if (!before) return hands.onPoint(at(event));
    const spreadBefore = spread();
    held.set(event.pointerId, at(event));
    const [dx, dy] = [event.offsetX - before.x, event.offsetY - before.y];
    travelled += Math.abs(dx) + Math.abs(dy);
    if (held.size === 2 && spreadBefore) hands.zoomAt(at(event), Math.log2(spread() / spreadBefore));
    else if (travelled > CLICK_PX) {
      hands.onMoved();
      hands.pan(dx, dy);
    }
  });
  canvas.addEventListener('pointerup', (event) => {
    held.delete(event.pointerId);
    if (travelled <= CLICK_PX) hands.onClick(at(event));
  });
  canvas.addEventListener('pointercancel', (event) => held.delete(event.pointerId));
  canvas.addEventListener('pointerleave', () => hands.onPoint(null));
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      hands.zoomAt(at(event), -event.deltaY / (event.deltaMode ? 8 : 300));
    },
    { passive: false },
  );
  canvas.addEventListener('keydown', (event) => {
    const way = KEYS[event.key];
    const middle = { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 };
    if (way) hands.pan(way[0] * KEY_PX, way[1] * KEY_PX);
    else if (event.key === '+' || event.key === '=') hands.zoomAt(middle, 1);
    else if (event.key === '-') hands.zoomAt(middle, -1);
    else return;
    event.preventDefault();
    hands.onMoved();
  });
}
