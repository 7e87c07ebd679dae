import type { Districts, Fix, NewOrder, OrderRow, RunDetail, VehicleDetail } from './wire';

const MOST_TRAIL_PAGES = 4;

/** An answer that is not 2xx, or none at all (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

export async function problemOf(answer: Response): Promise<Problem> {
  try {
    const body = (await answer.json()) as { code?: string; detail?: string };
    return new Problem(answer.status, body.code ?? '', body.detail ?? answer.statusText);
  } catch {
    return new Problem(answer.status, '', answer.statusText);
  }
}

export async function get<T>(token: string, path: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` }, signal: signal ?? null });
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as T;
}

export async function post(token: string, path: string, body: object): Promise<void> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw await problemOf(answer);
}

/** A link cannot carry a token, so the page fetches the file and hands it to the browser. */
export async function download(token: string, path: string, name: string): Promise<void> {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw await problemOf(answer);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const fetchDistricts = (token: string): Promise<Districts> => get(token, '/v1/districts');

export const fetchVehicle = (token: string, vehicleId: string, signal?: AbortSignal): Promise<VehicleDetail> =>
  get(token, `/v1/city/vehicles/${encodeURIComponent(vehicleId)}`, signal);

export const fetchRun = (token: string, runId: string, signal?: AbortSignal): Promise<RunDetail> =>
  get(token, `/v1/runs/${encodeURIComponent(runId)}`, signal);

/** The truck's dispatch orders, newest first. */
export const fetchOrders = async (token: string, vehicleId: string): Promise<OrderRow[]> =>
  (await get<{ items: OrderRow[] }>(token, `/v1/orders?limit=10&vehicle_id=${encodeURIComponent(vehicleId)}`)).items;

export const giveOrder = (token: string, order: NewOrder): Promise<void> => post(token, '/v1/orders', order);

export const cancelOrder = (token: string, orderId: string): Promise<void> =>
  post(token, `/v1/orders/${encodeURIComponent(orderId)}/cancel`, {});

/** The fixes of a span of time, in order. */
export async function fetchTrail(token: string, vehicleId: string, from: Date, to: Date, signal?: AbortSignal): Promise<Fix[]> {
  const fixes: Fix[] = [];
  const asked = new URLSearchParams({ from: from.toISOString(), to: to.toISOString(), limit: '5000' });
  for (let page = 0; page < MOST_TRAIL_PAGES; page++) {
    const path = `/v1/vehicles/${encodeURIComponent(vehicleId)}/track?${asked}`;
    const answer = await get<{ items: Fix[]; next_cursor: string | null }>(token, path, signal);
    fixes.push(...answer.items);
    if (!answer.next_cursor) break;
    asked.set('cursor', answer.next_cursor);
  }
  return fixes;
}
