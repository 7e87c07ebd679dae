import type { DistrictFeature } from '../../shared/wire';

const LONG = 14;

/** Of its largest part: the middle of its corners. */
export function middleOf({ geometry }: DistrictFeature): [number, number] {
  const rings = geometry.type === 'Polygon' ? [geometry.coordinates[0]!] : geometry.coordinates.map((polygon) => polygon[0]!);
  const corners = rings.reduce((largest, ring) => (ring.length > largest.length ? ring : largest)).slice(0, -1);
  const sum = (axis: 0 | 1): number => corners.reduce((total, corner) => total + corner[axis]!, 0);
  return [sum(0) / corners.length, sum(1) / corners.length];
}

/** A long name in two lines: 'Tianping Road' over 'Subdistrict'. */
export function inLines(name: string): string[] {
  const cut = name.length > LONG ? name.lastIndexOf(' ') : -1;
  return cut < 0 ? [name] : [name.slice(0, cut), name.slice(cut + 1)];
}
