import type { DataDrivenPropertyValueSpecification, StyleSpecification } from 'maplibre-gl';
import type { Palette } from './palette';

export const EMPTY = { type: 'FeatureCollection' as const, features: [] };
const FONTS = ['Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', 'sans-serif'];

/** Without `glyphs`, so the names are written with the fonts of this machine. */
export function styleOf(palette: Palette): StyleSpecification {
  const source = { type: 'geojson' as const, data: EMPTY };
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  return {
    version: 8,
    sources: { districts: source, names: source, sections: source, trail: source, spot: source },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
      { id: 'districts', type: 'fill', source: 'districts', paint: { 'fill-color': palette.district } },
      { id: 'borders', type: 'line', source: 'districts', layout: round, paint: { 'line-color': palette.border, 'line-width': 1.2 } },
      { id: 'sections-edge', type: 'line', source: 'sections', layout: round, paint: { 'line-color': palette.outline, 'line-width': 10 } },
      { id: 'sections', type: 'line', source: 'sections', layout: round, paint: { 'line-color': sectionColours(palette), 'line-width': 7 } },
      { id: 'trail-edge', type: 'line', source: 'trail', layout: round, paint: { 'line-color': palette.outline, 'line-width': 6 } },
      { id: 'trail', type: 'line', source: 'trail', layout: round, paint: { 'line-color': trailColours(palette), 'line-width': 3 } },
      {
        id: 'names',
        type: 'symbol',
        source: 'names',
        layout: { 'text-field': ['get', 'name'], 'text-font': FONTS, 'text-size': ['interpolate', ['linear'], ['zoom'], 9, 10, 14, 15], 'text-max-width': 20 },
        paint: { 'text-color': palette.label, 'text-halo-color': palette.district, 'text-halo-width': 1.6 },
      },
      {
        id: 'spot',
        type: 'circle',
        source: 'spot',
        paint: { 'circle-radius': 5, 'circle-color': palette.outline, 'circle-stroke-width': 3, 'circle-stroke-color': palette.selected },
      },
    ],
  };
}

export function sectionColours(palette: Palette): DataDrivenPropertyValueSpecification<string> {
  const verdicts = Object.entries(palette.verdict).flat();
  return ['match', ['get', 'verdict'], ...verdicts, palette.label] as unknown as DataDrivenPropertyValueSpecification<string>;
}

export function trailColours(palette: Palette): DataDrivenPropertyValueSpecification<string> {
  const steps = palette.speeds.flatMap((colour, n) => [n, colour]);
  return ['match', ['get', 'speed'], ...steps, palette.label] as unknown as DataDrivenPropertyValueSpecification<string>;
}
