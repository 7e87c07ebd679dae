/** Bodies of the API as the console reads them; `services/gateway/schemas/` says what they mean. */

export type Status = 'driving' | 'idle' | 'parked' | 'offline';
export type Verdict = 'planned' | 'collected' | 'early' | 'late' | 'missed' | 'unknown' | 'excepted';

export interface Part {
  as_of: string | null;
  stale: boolean;
}

export interface StopCounts {
  total: number;
  done: number;
  due: number;
  missed: number;
  unknown: number;
  upcoming: number;
}

export interface LiftedGroup {
  key: string;
  net_kg: number;
  lifts: number;
}

export interface CityView {
  at: string;
  timezone: string;
  labels: Record<string, { zh: string; en: string }>;
  fleet: Part & { total: number; by_status: Partial<Record<Status, number>>; offline_minutes: number };
  runs: Part & { service_day: string; runs: number; stops: StopCounts };
  lifted: Part & { net_kg: number; lifts: number; by_stream: LiftedGroup[] };
  flows: FlowsPart;
  alerts: Part & { open: number; by_kind: Record<string, number> };
}

interface Residue {
  residue_kg: number;
  residue: { name: string; net_kg: number }[];
}

/** From bin to furnace, today, whole kilograms. */
export interface FlowsPart extends Part {
  service_day: string;
  settled: boolean;
  stages: { stage: string; stream: string; net_kg: number }[];
  streams: (Residue & { stream: string; on_board_end_kg: number })[];
  hauls: (Residue & { stream: string; under_way_end_kg: number })[];
  findings: Record<string, number>;
}

export interface VehicleRow {
  vehicle_id: string;
  plate: string;
  kind: string;
  district_id: string | null;
  status: Status;
  last_at: string | null;
  lon: number | null;
  lat: number | null;
  speed_kmh: number | null;
  heading_deg: number | null;
  load_kg: number | null;
}

export interface StopRow {
  stop_id: string;
  run_id: string;
  seq: number;
  name: string;
  lon: number;
  lat: number;
  verdict: Verdict;
  window_start: string;
  window_end: string;
  served_at: string | null;
}

export interface AlertRow {
  alert_id: string;
  vehicle_id: string;
  kind: string;
  status: 'open' | 'closed' | 'withdrawn';
  subject_id: string;
  opened_at: string;
  last_at: string;
  closed_at: string | null;
  lon: number | null;
  lat: number | null;
  value: number;
  limit: number;
}

/** Data of the events `snapshot` and `change` of `/v1/city/live`. */
export interface Changes {
  city: CityView | null;
  vehicles: VehicleRow[];
  stops: StopRow[];
  alerts: AlertRow[];
  gone: string[];
}

export interface RunRow {
  run_id: string;
  route_name: string;
  stream: string;
  status: 'planned' | 'running' | 'done';
  begins_at: string;
  stop_count: number;
  by_verdict: Partial<Record<Verdict, number>>;
}

/** Of a run that was opened: the streets it covers, and how much of each is done. `line`: [lon, lat] from end to end. */
export interface RunDetail {
  run_id: string;
  stops: { stop_id: string; verdict: Verdict; line: [number, number][] | null; coverage: number | null }[];
}

export interface VehicleDetail {
  vehicle: {
    vehicle_id: string;
    plate: string;
    kind: string;
    waste_streams: string[];
    tare_kg: number;
    capacity_kg: number;
    contractor_id: string | null;
    district_id: string | null;
    onboard_unit_id: string | null;
  } | null;
  runs: RunRow[] | null;
  alerts: AlertRow[] | null;
  missing: string[];
}

/** `overdue`: nobody refused or ended it, and its time is over. */
export interface OrderRow {
  order_id: string;
  kind: string;
  status: string;
  text: string;
  given_at: string;
  overdue: boolean;
}

export type NewOrder =
  | { kind: 'message' | 'unload'; vehicle_id: string; text: string }
  | { kind: 'take_over'; vehicle_id: string; text: string; details: { run_id: string } };

export interface Fix {
  at: string;
  lon: number;
  lat: number;
  speed_kmh: number | null;
}

export interface DistrictFeature {
  type: 'Feature';
  properties: { district_id: string; name_zh: string; name_en: string };
  geometry: { type: 'Polygon'; coordinates: number[][][] } | { type: 'MultiPolygon'; coordinates: number[][][][] };
}

export interface Districts {
  type: 'FeatureCollection';
  features: DistrictFeature[];
}
