import { mercatorX, mercatorY } from './map/motion';
import type { StopRow } from '../shared/wire';

/** A stop of today with its window as moments (ms). */
export interface Stop extends StopRow {
  beginsMs: number;
  endsMs: number;
}

/** A place where waste is collected, with all its stops of the day; `stop` is the one it is shown by. */
export interface ServicePoint {
  key: string;
  x: number;
  y: number;
  stop: Stop;
  stops: Stop[];
}

/** Today's stops by run and by place. Stops at one place are one service point. */
export class ServicePoints {
  readonly byPlace = new Map<string, ServicePoint>();
  private readonly byId = new Map<string, Stop>();

  clear(): void {
    this.byPlace.clear();
    this.byId.clear();
  }

  take(rows: readonly StopRow[], cityMs: number): void {
    for (const row of rows) {
      const stop: Stop = { ...row, beginsMs: Date.parse(row.window_start), endsMs: Date.parse(row.window_end) };
      this.byId.set(stop.stop_id, stop);
      const key = `${stop.lon},${stop.lat}`;
      const point = this.byPlace.get(key);
      if (point) {
        point.stops = [...point.stops.filter((other) => other.stop_id !== stop.stop_id), stop];
        point.stop = spokesman(point.stops, cityMs);
      } else this.byPlace.set(key, { key, x: mercatorX(stop.lon), y: mercatorY(stop.lat), stop, stops: [stop] });
    }
  }

  /** Windows begin as time goes by, though nothing is said of them. */
  refresh(cityMs: number): void {
    for (const point of this.byPlace.values()) point.stop = spokesman(point.stops, cityMs);
  }

  ofRun(runId: string): Stop[] {
    return [...this.byId.values()].filter((stop) => stop.run_id === runId).sort((a, b) => a.seq - b.seq);
  }
}

/** A missed stop is shown all day; else the newest whose window has begun; else the next to come. */
export function spokesman(stops: readonly Stop[], cityMs: number): Stop {
  return stops.reduce((best, stop) => (goesBefore(stop, best, cityMs) ? stop : best));
}

function goesBefore(stop: Stop, other: Stop, cityMs: number): boolean {
  if ((stop.verdict === 'missed') !== (other.verdict === 'missed')) return stop.verdict === 'missed';
  const [begun, otherBegun] = [hasBegun(stop, cityMs), hasBegun(other, cityMs)];
  if (begun !== otherBegun) return begun;
  return begun ? stop.beginsMs > other.beginsMs : stop.beginsMs < other.beginsMs;
}

const hasBegun = (stop: Stop, cityMs: number): boolean => stop.beginsMs <= cityMs || stop.verdict !== 'planned';
