/** All that is known of the truck that was opened: asked for when it is, and again now and then while it stays open. */

import { fetchRun, fetchTrail, fetchVehicle } from '../shared/api';
import type { Place } from './map/motion';
import type { Fix, RunDetail, VehicleDetail } from '../shared/wire';

export const TRAIL_HOURS = 3;
const AGAIN_MS = 30_000;

export class Selection {
  detail = $state.raw<VehicleDetail | null>(null);
  trail = $state.raw<Fix[] | null>(null);
  /** The run whose stops are looked at. */
  run = $state.raw<RunDetail | null>(null);
  failed = $state(false);
  /** A moment of the trail that is looked at. */
  spot = $state.raw<Place | null>(null);
  private runId: string | null = null;
  private readonly abort = new AbortController();
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly token: string,
    readonly vehicleId: string,
    private readonly aheadMs: number,
  ) {
    this.timer = setInterval(() => void this.load(), AGAIN_MS);
    void this.load();
  }

  close(): void {
    clearInterval(this.timer);
    this.abort.abort();
  }

  /** Look at the stops of this run, or of none. */
  open(runId: string | null): void {
    if (runId === this.runId) return;
    this.runId = runId;
    this.run = null;
    void this.loadRun();
  }

  private async loadRun(): Promise<void> {
    const runId = this.runId;
    if (!runId) return;
    // Without an answer the list still shows the stops, as the stream tells them; only the streets are not drawn.
    const run = await fetchRun(this.token, runId, this.abort.signal).catch(() => null);
    if (run && runId === this.runId) this.run = run;
  }

  private async load(): Promise<void> {
    void this.loadRun();
    const to = new Date(Date.now() + this.aheadMs + 60_000);
    const from = new Date(to.getTime() - TRAIL_HOURS * 3_600_000);
    const { signal } = this.abort;
    const asked = [fetchVehicle(this.token, this.vehicleId, signal), fetchTrail(this.token, this.vehicleId, from, to, signal)] as const;
    const [detail, trail] = await Promise.allSettled(asked);
    if (signal.aborted) return;
    if (detail.status === 'fulfilled') this.detail = detail.value;
    if (trail.status === 'fulfilled') this.trail = trail.value;
    this.failed = detail.status === 'rejected' || trail.status === 'rejected';
  }
}
