/** The city as the console knows it: what the live stream said, put together. Only `heard` changes it. */

import { flushSync } from 'svelte';
import { LiveStream, type Listener } from './live';
import type { Problem } from '../shared/api';
import { DistrictBook } from './districts.svelte';
import { measured } from '../shared/measured';
import { ServicePoints, type ServicePoint } from './points';
import { byName, NO_FILTER, Piles, Truck, type Filter } from './trucks';
import type { AlertRow, Changes, CityView, VehicleRow } from '../shared/wire';

export type Connection = 'connecting' | 'live' | 'reconnecting';

const WINDOWS_BEGIN_EVERY_MS = 30_000;

export class City implements Listener {
  view = $state.raw<CityView | null>(null);
  connection = $state<Connection>('connecting');
  /** All that pass the filter, as the list and the map show them. A new array at every change. */
  listed = $state.raw<Truck[]>([]);
  points = $state.raw<ServicePoint[]>([]);
  /** Open ones, newest first. */
  alerts = $state.raw<AlertRow[]>([]);
  filter = $state.raw<Filter>(NO_FILTER);
  selectedId = $state<string | null>(null);
  /** Grows at every change: trucks are plain objects, whoever shows one reads this too. */
  changes = $state(0);
  kinds = $state.raw<string[]>([]);
  districtIds = $state.raw<string[]>([]);
  still = false;
  /** What to add to this machine's clock to get the city's, in ms. */
  aheadMs = $state.raw(0);

  readonly trucks = new Map<string, Truck>();
  readonly districts: DistrictBook;
  private readonly book = new ServicePoints();
  private readonly open = new Map<string, AlertRow>();
  /** In the order of their names, which is that of their slots on the map. */
  byName: Truck[] = [];
  /** Those that changed since the map asked; null: any of them may have. */
  private touched: Set<Truck> | null = null;
  private readonly piles = new Piles();
  private smooth = true;
  private stream: LiveStream | null = null;
  private windowsLookedAtMs = 0;
  /** Before then no truck turns offline by saying nothing. */
  private nextSilenceMs = 0;

  readonly zone = $derived(this.view?.timezone ?? 'UTC');
  readonly total = $derived(this.view?.fleet.total ?? 0);
  readonly selected = $derived.by(() => {
    void this.changes;
    return this.selectedId ? (this.trucks.get(this.selectedId) ?? null) : null;
  });

  constructor(
    readonly token: string,
    private readonly onRefused: (problem: Problem) => void,
  ) {
    this.districts = new DistrictBook(token);
  }

  start(): void {
    this.stream = new LiveStream(this.token, this);
    void this.stream.run();
  }

  stop(): void {
    this.stream?.stop();
  }

  /** What the city's clock shows, in ms, when it spoke last. */
  get cityMs(): number {
    return this.view ? Date.parse(this.view.at) : 0;
  }

  setFilter(change: Partial<Filter>): void {
    this.filter = { ...this.filter, ...change };
    this.touched = null;
    this.deal();
  }

  /** For the map, which draws anew what changed and leaves the rest. */
  takeTouched(): Set<Truck> | null {
    const { touched } = this;
    this.touched = new Set();
    return touched;
  }

  select(vehicleId: string | null): void {
    this.selectedId = vehicleId;
  }

  stopsOf(runId: string): ReturnType<ServicePoints['ofRun']> {
    void this.points;
    return this.book.ofRun(runId);
  }

  // --- what the stream says ---------------------------------------------------------------------------------------

  connected(): void {
    this.connection = 'live';
  }

  lost(): void {
    this.connection = 'reconnecting';
  }

  refused(problem: Problem): void {
    this.onRefused(problem);
  }

  heard(event: string, data: string): void {
    const day = this.view?.runs.service_day;
    measured('console:update', () => {
      if (event === 'snapshot') this.forget();
      this.take(JSON.parse(data) as Changes, performance.now());
      flushSync();
    });
    if (day && day !== this.view?.runs.service_day) this.stream?.startOver(); // the new day's stops were said before it began
  }

  private take(changes: Changes, nowMs: number): void {
    this.smooth = !this.still && document.visibilityState === 'visible';
    if (changes.city) {
      this.view = changes.city;
      this.aheadMs = this.cityMs - Date.now();
    }
    const before = this.trucks.size;
    let renamed = false;
    for (const row of changes.vehicles) renamed = this.takeVehicle(row, nowMs) || renamed;
    for (const id of changes.gone) this.trucks.delete(id);
    if (renamed || this.trucks.size !== before || changes.gone.length) this.sort();
    if (changes.alerts.length || !before) this.takeAlerts(changes.alerts);
    this.takeStops(changes);
    this.deal();
    void this.districts.complete(this.districtIds);
  }

  private takeVehicle(row: VehicleRow, nowMs: number): boolean {
    const truck = this.trucks.get(row.vehicle_id);
    if (truck) {
      this.touched?.add(truck);
      return truck.take(row, nowMs, this.smooth);
    }
    this.trucks.set(row.vehicle_id, new Truck(row));
    for (const alert of this.open.values()) this.pin(alert);
    return true;
  }

  private sort(): void {
    this.byName = [...this.trucks.values()].sort(byName);
    this.byName.forEach((truck, slot) => (truck.slot = slot));
    this.touched = null;
    this.kinds = [...new Set(this.byName.map((truck) => truck.row.kind))].sort();
    this.districtIds = [...new Set(this.byName.map((truck) => truck.row.district_id ?? ''))].filter(Boolean).sort();
  }

  private takeAlerts(rows: readonly AlertRow[]): void {
    for (const row of rows) {
      const truck = this.trucks.get(row.vehicle_id);
      truck?.unpin(row.alert_id);
      if (truck) this.touched?.add(truck);
      if (row.status === 'open') this.open.set(row.alert_id, row);
      else this.open.delete(row.alert_id);
    }
    for (const alert of this.open.values()) this.pin(alert);
    this.alerts = [...this.open.values()].sort((a, b) => (a.opened_at < b.opened_at ? 1 : a.opened_at > b.opened_at ? -1 : 0));
  }

  private pin(alert: AlertRow): void {
    this.trucks.get(alert.vehicle_id)?.pin(alert);
  }

  private takeStops(changes: Changes): void {
    const cityMs = this.cityMs;
    const due = cityMs - this.windowsLookedAtMs > WINDOWS_BEGIN_EVERY_MS;
    if (!changes.stops.length && !due) return;
    this.book.take(changes.stops, cityMs);
    if (due) {
      this.book.refresh(cityMs);
      this.windowsLookedAtMs = cityMs;
    }
    this.points = [...this.book.byPlace.values()];
  }

  private deal(): void {
    const cityMs = this.cityMs;
    const offlineMs = (this.view?.fleet.offline_minutes ?? 10) * 60_000;
    const all = !this.touched || cityMs > this.nextSilenceMs;
    if (all) this.nextSilenceMs = Infinity;
    const changed = all ? this.byName : this.touched!;
    for (const truck of changed) {
      if (truck.judge(cityMs, offlineMs)) this.touched?.add(truck);
      this.nextSilenceMs = Math.min(this.nextSilenceMs, truck.silentFromMs);
    }
    this.piles.put(changed, this.byName.length, this.filter);
    this.listed = this.piles.list(this.byName);
    this.changes++;
  }

  private forget(): void {
    this.trucks.clear();
    this.open.clear();
    this.book.clear();
    this.windowsLookedAtMs = 0;
    this.byName = [];
    this.touched = null;
    this.alerts = [];
  }
}
