/** The map by MapLibre: districts and trail are its own layers, trucks and points are ours. No tiles, no fonts, no address. */

import { Map as MapLibre, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import 'maplibre-gl/dist/maplibre-gl.css';
import type { DistrictFeature, Districts, Fix } from '../../shared/wire';
import { inLines, middleOf } from './areas';
import { drawAtlas } from './marks';
import { latOf, lonOf, mercatorX, mercatorY, type Place } from './motion';
import type { Palette } from './palette';
import type { Fleet, Sprites } from './scene';
import { SpriteLayer } from './sprite-layer';
import { EMPTY, sectionColours, styleOf, trailColours } from './style';
import type { Gestures, SectionLine, Surface } from './surface';
import { trailPieces } from './trail';
import { fitting, LEAST_ZOOM, MOST_ZOOM, pointPx, scaleOf, truckPx, zoomOf, type Bounds, type View } from './view';

setWorkerUrl(workerUrl);
const FIT_MARGIN_PX = 40;

export class WebGlSurface implements Surface {
  readonly kind = 'webgl';
  private readonly map: MapLibre;
  private readonly trucks: SpriteLayer;
  private readonly top: SpriteLayer;
  private readonly points: SpriteLayer;
  private readonly loaded: Promise<void>;

  /** Throws where there is no WebGL2. */
  constructor(
    private readonly container: HTMLElement,
    palette: Palette,
    label: string,
    gestures: Gestures,
  ) {
    this.map = new MapLibre({
      container,
      style: styleOf(palette),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      minZoom: LEAST_ZOOM,
      maxZoom: MOST_ZOOM,
      renderWorldCopies: false,
      fadeDuration: 0,
      center: [121.44, 31.17],
      zoom: 10,
      canvasContextAttributes: { preserveDrawingBuffer: new URLSearchParams(location.search).has('keep') },
      locale: { 'Map.Title': label },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    const view = (): View => this.view();
    const atlas = drawAtlas(palette);
    this.points = new SpriteLayer('points', atlas, view, () => pointPx(this.map.getZoom()));
    this.trucks = new SpriteLayer('trucks', atlas, view, () => truckPx(this.map.getZoom()));
    this.top = new SpriteLayer('top', atlas, view, () => truckPx(this.map.getZoom()));
    this.loaded = new Promise((resolve) => this.map.once('load', () => resolve()));
    void this.loaded.then(() => {
      this.map.addLayer(this.points, 'names');
      this.map.addLayer(this.trucks);
      this.map.addLayer(this.top);
    });
    this.listen(gestures);
  }

  private listen(gestures: Gestures): void {
    const at = (event: MapMouseEvent): Place => ({ x: event.point.x, y: event.point.y });
    this.map.on('mousemove', (event) => gestures.onPoint(at(event)));
    this.map.on('mouseout', () => gestures.onPoint(null));
    this.map.on('click', (event) => gestures.onClick(at(event)));
    this.map.on('dragstart', () => gestures.onMoved());
  }

  view(): View {
    const { lng, lat } = this.map.getCenter();
    const { clientWidth, clientHeight } = this.container;
    return { x: mercatorX(lng), y: mercatorY(lat), scale: scaleOf(this.map.getZoom()), width: clientWidth, height: clientHeight };
  }

  draw(nowMs: number): void {
    this.trucks.nowMs = this.top.nowMs = nowMs;
    this.map.redraw();
  }

  setTrucks(fleet: Fleet): void {
    this.trucks.set(fleet.calm);
    this.top.set(fleet.top);
  }

  setPoints(sprites: Sprites): void {
    this.points.set(sprites);
  }

  setDistricts(districts: Districts, language: 'zh' | 'en'): void {
    void this.loaded.then(() => {
      this.source('districts').setData(districts as never);
      this.source('names').setData({ type: 'FeatureCollection', features: districts.features.map((one) => nameOf(one, language)) });
    });
  }

  setSections(sections: readonly SectionLine[]): void {
    const features = sections.map(({ verdict, line }) => ({
      type: 'Feature' as const,
      properties: { verdict },
      geometry: { type: 'LineString' as const, coordinates: line },
    }));
    void this.loaded.then(() => this.source('sections').setData({ type: 'FeatureCollection', features }));
  }

  setTrail(fixes: readonly Fix[]): void {
    const features = trailPieces(fixes).map((piece) => ({
      type: 'Feature' as const,
      properties: { speed: piece.speedClass },
      geometry: { type: 'LineString' as const, coordinates: piece.line },
    }));
    void this.loaded.then(() => this.source('trail').setData({ type: 'FeatureCollection', features }));
  }

  setSpot(place: Place | null): void {
    const geometry = place && { type: 'Point' as const, coordinates: [lonOf(place.x), latOf(place.y)] };
    void this.loaded.then(() => this.source('spot').setData(geometry ? { type: 'Feature', properties: {}, geometry } : EMPTY));
  }

  setPalette(palette: Palette): void {
    const atlas = drawAtlas(palette);
    this.trucks.setAtlas(atlas);
    this.top.setAtlas(atlas);
    this.points.setAtlas(atlas);
    void this.loaded.then(() => {
      this.map.setPaintProperty('ground', 'background-color', palette.ground);
      this.map.setPaintProperty('districts', 'fill-color', palette.district);
      this.map.setPaintProperty('borders', 'line-color', palette.border);
      this.map.setPaintProperty('names', 'text-color', palette.label);
      this.map.setPaintProperty('names', 'text-halo-color', palette.district);
      this.map.setPaintProperty('sections-edge', 'line-color', palette.outline);
      this.map.setPaintProperty('sections', 'line-color', sectionColours(palette));
      this.map.setPaintProperty('trail-edge', 'line-color', palette.outline);
      this.map.setPaintProperty('trail', 'line-color', trailColours(palette));
      this.map.setPaintProperty('spot', 'circle-stroke-color', palette.selected);
      this.map.setPaintProperty('spot', 'circle-color', palette.outline);
    });
  }

  fit(bounds: Bounds, smoothly: boolean): void {
    const { clientWidth, clientHeight } = this.container;
    const view = fitting(bounds, clientWidth, clientHeight, FIT_MARGIN_PX);
    const target = { center: [lonOf(view.x), latOf(view.y)] as [number, number], zoom: zoomOf(view.scale) };
    if (smoothly) this.map.easeTo({ ...target, duration: 500 });
    else this.map.jumpTo(target);
  }

  centre(place: Place, zoom = 0): void {
    this.map.jumpTo({ center: [lonOf(place.x), latOf(place.y)], zoom: Math.max(zoom, this.map.getZoom()) });
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: 200 });
  }

  destroy(): void {
    this.map.remove();
  }

  private source(id: string): GeoJSONSource {
    return this.map.getSource<GeoJSONSource>(id)!;
  }
}

/** A point of its own: written once, however many tiles the shape lies in. */
function nameOf(district: DistrictFeature, language: 'zh' | 'en') {
  const name = inLines(district.properties[`name_${language}`]).join('\n');
  return { type: 'Feature' as const, properties: { name }, geometry: { type: 'Point' as const, coordinates: middleOf(district) } };
}
