import type { Fix } from '../../shared/wire';
import { speedClass } from './palette';
import type { TrailPiece } from './surface';

/** Without a word for so long nobody knows the way: the line is broken. */
const GAP_MS = 5 * 60_000;

/** The way in pieces of one colour each; a piece begins where the one before it ends. */
export function trailPieces(fixes: readonly Fix[]): TrailPiece[] {
  const pieces: TrailPiece[] = [];
  for (let i = 1; i < fixes.length; i++) {
    const [from, to] = [fixes[i - 1]!, fixes[i]!];
    if (Date.parse(to.at) - Date.parse(from.at) > GAP_MS) continue;
    const kind = speedClass(to.speed_kmh);
    const last = pieces.at(-1);
    const end = last?.line.at(-1);
    if (last && last.speedClass === kind && end?.[0] === from.lon && end[1] === from.lat) last.line.push([to.lon, to.lat]);
    else pieces.push({ speedClass: kind, line: [[from.lon, from.lat], [to.lon, to.lat]] });
  }
  return pieces;
}
