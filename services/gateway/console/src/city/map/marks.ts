/** The shapes of the map, drawn once for all: into a texture for WebGL, onto the canvas without it, as SVG in legend and list. */

import type { Status, Verdict } from '../../shared/wire';
import type { Palette } from './palette';

/** A path in a box of 24 × 24. `hollow`: only its line is drawn. */
export interface Shape {
  path: string;
  hollow?: boolean;
  dashed?: boolean;
}

export const STATUS_SHAPES: Record<Status, Shape> = {
  driving: { path: 'M12 1.5 20 21l-8-4.6L4 21Z' },
  idle: { path: 'M12 5a7 7 0 1 0 0 14 7 7 0 1 0 0-14Z' },
  parked: { path: 'M5.5 5.5h13v13h-13Z' },
  offline: { path: 'M12 6a6 6 0 1 0 0 12 6 6 0 1 0 0-12ZM7.8 16.2l8.4-8.4', hollow: true },
};

export const VERDICT_SHAPES: Record<Verdict, Shape> = {
  planned: { path: 'M12 6.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11Z', hollow: true },
  collected: { path: 'M12 5.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13Z' },
  early: { path: 'M4 6.5h16L12 20Z' },
  late: { path: 'M12 4l8 13.5H4Z' },
  missed: { path: 'M5 5l14 14M19 5L5 19', hollow: true },
  unknown: { path: 'M12 5.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13Z', hollow: true, dashed: true },
  excepted: { path: 'M12 3.5 20.5 12 12 20.5 3.5 12Z' },
};

export const VERDICTS = Object.keys(VERDICT_SHAPES) as Verdict[];
const STATUSES = Object.keys(STATUS_SHAPES) as Status[];

/** Side of a cell in the shapes' units: a truck in trouble has a ring around it. */
export const CELL = 44;
/** A power of two, so that smaller copies of the texture keep the cells apart. */
const CELL_PX = 128;
const COLUMNS = 8;
const ROWS = 4;
const SELECTED = COLUMNS;
/** A row lies empty before them: the ring of the selection fills its cell, and small copies mix neighbours. */
const FIRST_VERDICT = 3 * COLUMNS;

export const selectedCell = SELECTED;
export const verdictCell = (verdict: Verdict): number => FIRST_VERDICT + VERDICTS.indexOf(verdict);
export const statusCell = (status: Status, inTrouble: boolean): number => STATUSES.indexOf(status) + (inTrouble ? STATUSES.length : 0);

export interface Atlas {
  canvas: HTMLCanvasElement;
  columns: number;
  rows: number;
  cellPx: number;
}

/** A row of trucks (calm, in trouble), one of the selection, one of the verdicts. */
export function drawAtlas(palette: Palette): Atlas {
  const canvas = document.createElement('canvas');
  canvas.width = CELL_PX * COLUMNS;
  canvas.height = CELL_PX * ROWS;
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('this browser draws no canvas');
  for (const inTrouble of [false, true]) {
    for (const status of STATUSES) {
      inCell(pen, statusCell(status, inTrouble), () => {
        if (inTrouble) drawHalo(pen, palette.trouble);
        drawShape(pen, STATUS_SHAPES[status], inTrouble ? palette.trouble : palette.status[status], palette.outline);
      });
    }
  }
  inCell(pen, SELECTED, () => drawRing(pen, palette));
  for (const verdict of VERDICTS) {
    inCell(pen, verdictCell(verdict), () => drawShape(pen, VERDICT_SHAPES[verdict], palette.verdict[verdict], palette.outline));
  }
  return { canvas, columns: COLUMNS, rows: ROWS, cellPx: CELL_PX };
}

function inCell(pen: CanvasRenderingContext2D, cell: number, draw: () => void): void {
  pen.save();
  pen.translate((cell % COLUMNS) * CELL_PX, Math.floor(cell / COLUMNS) * CELL_PX);
  pen.scale(CELL_PX / CELL, CELL_PX / CELL);
  pen.translate((CELL - 24) / 2, (CELL - 24) / 2);
  draw();
  pen.restore();
}

function drawShape(pen: CanvasRenderingContext2D, shape: Shape, colour: string, outline: string): void {
  const path = new Path2D(shape.path);
  pen.lineJoin = pen.lineCap = 'round';
  pen.strokeStyle = outline;
  pen.lineWidth = shape.hollow ? 7 : 3;
  pen.stroke(path);
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 3.4;
  if (shape.dashed) pen.setLineDash([4, 5]);
  if (shape.hollow) pen.stroke(path);
  else pen.fill(path);
  pen.setLineDash([]);
}

function drawHalo(pen: CanvasRenderingContext2D, colour: string): void {
  pen.beginPath();
  pen.arc(12, 12, 18.5, 0, Math.PI * 2);
  pen.fillStyle = colour;
  pen.globalAlpha = 0.22;
  pen.fill();
  pen.globalAlpha = 1;
  pen.strokeStyle = colour;
  pen.lineWidth = 2.6;
  pen.stroke();
}

function drawRing(pen: CanvasRenderingContext2D, palette: Palette): void {
  pen.beginPath();
  pen.arc(12, 12, 19, 0, Math.PI * 2);
  pen.strokeStyle = palette.outline;
  pen.lineWidth = 5;
  pen.stroke();
  pen.strokeStyle = palette.selected;
  pen.lineWidth = 2.6;
  pen.stroke();
}
