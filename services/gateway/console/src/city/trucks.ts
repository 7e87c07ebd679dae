import { mercatorX, mercatorY, moveTo, standing, type Motion } from './map/motion';
import type { AlertRow, Status, VehicleRow } from '../shared/wire';

export const STATUSES: readonly Status[] = ['driving', 'idle', 'parked', 'offline'];

/** One truck as the list and the map show it: what it said last, what is wrong with it, how it moves. */
export class Truck {
  status: Status;
  readonly alerts = new Map<string, AlertRow>();
  inTrouble = false;
  motion: Motion | null = null;
  /** What the text filter looks through. */
  haystack = '';
  /** Its place in what the map draws, and whether it passes the filter. */
  slot = -1;
  shown = true;
  /** When it turns offline unless it speaks again, in ms of the city's clock. */
  silentFromMs = Infinity;
  private lastMs = 0;

  constructor(public row: VehicleRow) {
    this.status = row.status;
    this.take(row, 0, false);
  }

  get id(): string {
    return this.row.vehicle_id;
  }

  get name(): string {
    return this.row.plate || this.row.vehicle_id;
  }

  pin(alert: AlertRow): void {
    this.alerts.set(alert.alert_id, alert);
    this.inTrouble = true;
  }

  unpin(alertId: string): void {
    this.alerts.delete(alertId);
    this.inTrouble = this.alerts.size > 0;
  }

  /** `smoothly`: move there from where it is seen now. True when what it is called or belongs to has changed. */
  take(row: VehicleRow, nowMs: number, smoothly: boolean): boolean {
    const renamed = row.plate !== this.row.plate || row.district_id !== this.row.district_id || row.kind !== this.row.kind || !this.haystack;
    const saidMs = row.last_at ? Date.parse(row.last_at) : 0;
    if (row.lon !== null && row.lat !== null) {
      const x = mercatorX(row.lon);
      const y = mercatorY(row.lat);
      if (!this.motion) this.motion = standing(x, y, row.heading_deg ?? 0);
      else moveTo(this.motion, x, y, row.heading_deg, nowMs, smoothly ? saidMs - this.lastMs || 1 : 0);
    }
    this.lastMs = saidMs;
    this.row = row;
    if (renamed) this.haystack = `${row.plate}\n${row.vehicle_id}`.toLowerCase();
    return renamed;
  }

  /** A truck that falls silent says nothing, so its row does not change: the console must notice by itself. True when it did. */
  judge(cityMs: number, offlineMs: number): boolean {
    const before = this.status;
    const said = this.row.status;
    this.silentFromMs = said === 'driving' || said === 'idle' ? this.lastMs + offlineMs : Infinity;
    this.status = cityMs > this.silentFromMs ? 'offline' : said;
    if (this.status === 'offline') this.silentFromMs = Infinity;
    return this.status !== before;
  }
}

export interface Filter {
  text: string;
  status: Status | 'trouble' | '';
  kind: string;
  district: string;
}

export const NO_FILTER: Filter = { text: '', status: '', kind: '', district: '' };

export const isFiltering = (filter: Filter): boolean => Boolean(filter.text.trim() || filter.status || filter.kind || filter.district);

export function passes(truck: Truck, filter: Filter, needle: string): boolean {
  if (filter.status === 'trouble' ? !truck.inTrouble : filter.status && truck.status !== filter.status) return false;
  if (filter.kind && truck.row.kind !== filter.kind) return false;
  if (filter.district && truck.row.district_id !== filter.district) return false;
  return !needle || truck.haystack.includes(needle);
}

const collator = new Intl.Collator('zh-CN', { numeric: true });

export const byName = (a: Truck, b: Truck): number => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);

const PILES = ['trouble', 'driving', 'idle', 'parked', 'offline', 'hidden'] as const;
const HIDDEN = PILES.indexOf('hidden');

/** The list's order: trouble first, then by status, then by name. A truck is put where it belongs when it changes; so ten
 * thousand of them are dealt out without looking at each. */
export class Piles {
  private of = new Uint8Array(0);

  /** `trucks`: those that may have changed, or all; `count`: how many there are, each with a slot of its own. */
  put(trucks: Iterable<Truck>, count: number, filter: Filter): void {
    if (this.of.length !== count) this.of = new Uint8Array(count);
    const needle = filter.text.trim().toLowerCase();
    const filtering = isFiltering(filter);
    for (const truck of trucks) {
      truck.shown = !filtering || passes(truck, filter, needle);
      this.of[truck.slot] = truck.shown ? PILES.indexOf(truck.inTrouble ? 'trouble' : truck.status) : HIDDEN;
    }
  }

  /** Those that are shown; `sorted` is by name, in the order of the slots. */
  list(sorted: readonly Truck[]): Truck[] {
    const next = PILES.map(() => 0);
    for (const pile of this.of) next[pile]!++;
    let begin = 0;
    for (const [pile, count] of next.entries()) {
      next[pile] = begin;
      begin += count;
    }
    const found = new Array<Truck>(next[HIDDEN]!);
    for (let slot = 0; slot < this.of.length; slot++) {
      const pile = this.of[slot]!;
      if (pile !== HIDDEN) found[next[pile]!++] = sorted[slot]!;
    }
    return found;
  }
}

export function countByStatus(trucks: Iterable<Truck>): Record<Status, number> {
  const counts = { driving: 0, idle: 0, parked: 0, offline: 0 };
  for (const truck of trucks) counts[truck.status]++;
  return counts;
}
