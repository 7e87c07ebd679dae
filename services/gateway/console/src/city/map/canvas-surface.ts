/** The same map on a plain canvas, for browsers without WebGL2: same data, same shapes, same places. */

import type { Districts, Fix } from '../../shared/wire';
import { inLines, middleOf } from './areas';
import { CELL, drawAtlas, type Atlas } from './marks';
import { mercatorX, mercatorY, type Place } from './motion';
import type { Palette } from './palette';
import { FLOATS, noSprites, type Fleet, type Sprites } from './scene';
import type { Gestures, SectionLine, Surface, TrailPiece } from './surface';
import { trailPieces } from './trail';
import { fitting, LEAST_ZOOM, MOST_ZOOM, pointPx, scaleOf, toScreen, toWorld, truckPx, zoomOf, type Bounds, type View } from './view';
import { listenToHands } from './hands';

const FIT_MARGIN_PX = 40;

interface Area {
  name: string[];
  rings: Place[][];
  middle: Place;
}

export class CanvasSurface implements Surface {
  readonly kind = 'canvas';
  private readonly canvas = document.createElement('canvas');
  private readonly pen: CanvasRenderingContext2D;
  private readonly resizing: ResizeObserver;
  private seen: View = { x: mercatorX(121.44), y: mercatorY(31.17), scale: scaleOf(10), width: 1, height: 1 };
  private atlas: Atlas;
  private fleet: Fleet = { calm: noSprites(), top: noSprites() };
  private points: Sprites = noSprites();
  private areas: Area[] = [];
  private sections: readonly SectionLine[] = [];
  private trail: TrailPiece[] = [];
  private spot: Place | null = null;
  private drawnAtMs = 0;

  constructor(
    container: HTMLElement,
    private palette: Palette,
    label: string,
    gestures: Gestures,
  ) {
    const pen = this.canvas.getContext('2d');
    if (!pen) throw new Error('this browser draws no canvas');
    this.pen = pen;
    this.atlas = drawAtlas(palette);
    Object.assign(this.canvas, { className: 'plain-map', tabIndex: 0 });
    this.canvas.setAttribute('role', 'region');
    this.canvas.setAttribute('aria-label', label);
    container.append(this.canvas);
    this.resizing = new ResizeObserver(() => this.resize(container));
    this.resizing.observe(container);
    this.resize(container);
    listenToHands(this.canvas, { ...gestures, pan: (dx, dy) => this.pan(dx, dy), zoomAt: (screen, steps) => this.zoomAt(screen, steps) });
  }

  view(): View {
    return this.seen;
  }

  draw(nowMs: number): void {
    this.drawnAtMs = nowMs;
    const { pen, palette, seen } = this;
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    pen.fillStyle = palette.ground;
    pen.fillRect(0, 0, seen.width, seen.height);
    this.drawAreas();
    this.drawLines(this.sections.map(({ verdict, line }) => ({ line, colour: this.palette.verdict[verdict] })), 7);
    this.drawLines(this.trail.map(({ speedClass, line }) => ({ line, colour: this.palette.speeds[speedClass] ?? this.palette.label })), 3);
    const zoom = zoomOf(seen.scale);
    this.drawSprites(this.points, pointPx(zoom), nowMs);
    this.drawNames();
    this.drawSpot();
    this.drawSprites(this.fleet.calm, truckPx(zoom), nowMs);
    this.drawSprites(this.fleet.top, truckPx(zoom), nowMs);
  }

  setTrucks(fleet: Fleet): void {
    this.fleet = fleet;
  }

  setPoints(sprites: Sprites): void {
    this.points = sprites;
  }

  setDistricts(districts: Districts, language: 'zh' | 'en'): void {
    this.areas = districts.features.map((feature) => {
      const { properties, geometry } = feature;
      const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
      const rings = polygons.flat().map((ring) => ring.map(([lon, lat]) => ({ x: mercatorX(lon!), y: mercatorY(lat!) })));
      const [lon, lat] = middleOf(feature);
      return { name: inLines(properties[`name_${language}`]), rings, middle: { x: mercatorX(lon), y: mercatorY(lat) } };
    });
  }

  setSections(sections: readonly SectionLine[]): void {
    this.sections = sections;
  }

  setTrail(fixes: readonly Fix[]): void {
    this.trail = trailPieces(fixes);
  }

  setSpot(place: Place | null): void {
    this.spot = place;
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.atlas = drawAtlas(palette);
  }

  fit(bounds: Bounds): void {
    this.seen = fitting(bounds, this.seen.width, this.seen.height, FIT_MARGIN_PX);
  }

  centre(place: Place, zoom = 0): void {
    this.seen = { ...this.seen, x: place.x, y: place.y, scale: Math.max(this.seen.scale, scaleOf(zoom)) };
  }

  zoomBy(steps: number): void {
    this.zoomAt({ x: this.seen.width / 2, y: this.seen.height / 2 }, steps);
  }

  destroy(): void {
    this.resizing.disconnect();
    this.canvas.remove();
  }

  private resize(container: HTMLElement): void {
    const { clientWidth: width, clientHeight: height } = container;
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    this.seen = { ...this.seen, width, height };
    this.draw(this.drawnAtMs);
  }

  private pan(dx: number, dy: number): void {
    this.seen = { ...this.seen, x: this.seen.x - dx / this.seen.scale, y: this.seen.y - dy / this.seen.scale };
    this.draw(performance.now());
  }

  private zoomAt(screen: Place, steps: number): void {
    const held = toWorld(this.seen, screen);
    const scale = Math.min(scaleOf(MOST_ZOOM), Math.max(scaleOf(LEAST_ZOOM), this.seen.scale * 2 ** steps));
    const { width, height } = this.seen;
    this.seen = { ...this.seen, scale, x: held.x - (screen.x - width / 2) / scale, y: held.y - (screen.y - height / 2) / scale };
    this.draw(performance.now());
  }

  private drawAreas(): void {
    const { pen, palette, seen } = this;
    pen.beginPath();
    for (const { rings } of this.areas) for (const ring of rings) this.trace(ring.map((place) => toScreen(seen, place)));
    pen.fillStyle = palette.district;
    pen.fill('evenodd');
    pen.strokeStyle = palette.border;
    pen.lineWidth = 1.2;
    pen.stroke();
  }

  private drawNames(): void {
    const { pen, palette, seen } = this;
    const px = Math.min(15, Math.max(10, 10 + zoomOf(seen.scale) - 9));
    pen.font = `${px}px "Noto Sans CJK SC", sans-serif`;
    pen.textAlign = 'center';
    pen.lineJoin = 'round';
    pen.lineWidth = 3;
    for (const area of this.areas) {
      const { x, y } = toScreen(seen, area.middle);
      pen.strokeStyle = palette.district;
      pen.fillStyle = palette.label;
      area.name.forEach((line, n) => {
        pen.strokeText(line, x, y + n * px * 1.2);
        pen.fillText(line, x, y + n * px * 1.2);
      });
    }
  }

  private drawLines(lines: { line: [number, number][]; colour: string }[], widthPx: number): void {
    const { pen, palette, seen } = this;
    pen.lineCap = pen.lineJoin = 'round';
    for (const edge of [true, false]) {
      for (const { line, colour } of lines) {
        pen.beginPath();
        this.trace(line.map(([lon, lat]) => toScreen(seen, { x: mercatorX(lon), y: mercatorY(lat) })));
        pen.strokeStyle = edge ? palette.outline : colour;
        pen.lineWidth = edge ? widthPx + 3 : widthPx;
        pen.stroke();
      }
    }
  }

  private trace(line: Place[]): void {
    line.forEach(({ x, y }, n) => (n ? this.pen.lineTo(x, y) : this.pen.moveTo(x, y)));
  }

  private drawSpot(): void {
    if (!this.spot) return;
    const { x, y } = toScreen(this.seen, this.spot);
    this.pen.beginPath();
    this.pen.arc(x, y, 5, 0, Math.PI * 2);
    this.pen.fillStyle = this.palette.outline;
    this.pen.fill();
    this.pen.strokeStyle = this.palette.selected;
    this.pen.lineWidth = 3;
    this.pen.stroke();
  }

  private drawSprites(sprites: Sprites, sizePx: number, nowMs: number): void {
    const { pen, seen, atlas } = this;
    const { data, origin } = sprites;
    const side = (sizePx * CELL) / 24;
    const [left, top] = [(origin.x - seen.x) * seen.scale + seen.width / 2, (origin.y - seen.y) * seen.scale + seen.height / 2];
    const seconds = (nowMs - sprites.epochMs) / 1000;
    for (let at = 0; at < sprites.count * FLOATS; at += FLOATS) {
      const cell = data[at + 8]!;
      if (cell < 0) continue;
      const s = Math.min(1, Math.max(0, (seconds - data[at + 6]!) / data[at + 7]!));
      const x = left + (data[at]! + (data[at + 2]! - data[at]!) * s) * seen.scale;
      const y = top + (data[at + 1]! + (data[at + 3]! - data[at + 1]!) * s) * seen.scale;
      if (x < -side || y < -side || x > seen.width + side || y > seen.height + side) continue;
      const angle = ((data[at + 4]! + (data[at + 5]! - data[at + 4]!) * s) * Math.PI) / 180;
      pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, x * devicePixelRatio, y * devicePixelRatio);
      if (angle) pen.rotate(angle);
      const [column, row] = [cell % atlas.columns, Math.floor(cell / atlas.columns)];
      pen.drawImage(atlas.canvas, column * atlas.cellPx, row * atlas.cellPx, atlas.cellPx, atlas.cellPx, -side / 2, -side / 2, side, side);
    }
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  }
}
