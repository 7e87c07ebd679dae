/** All that is known of the truck that was opened: asked for when it is, and again now and then while it stays open. */

import { fetchTrail, fetchVehicle } from './api';
import type { Place } from './map/motion';
import type { Fix, VehicleDetail } from './wire';

export const TRAIL_HOURS = 3;
const AGAIN_MS = 30_000;

export class Selection {
  detail = $state.raw<VehicleDetail | null>(null);
  trail = $state.raw<Fix[] | null>(null);
  failed = $state(false);
  /** A moment of the trail that is looked at. */
  spot = $state.raw<Place | null>(null);
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

  private async load(): Promise<void> {
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
