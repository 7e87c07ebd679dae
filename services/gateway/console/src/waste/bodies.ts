/** Bodies of the API as the waste view reads them; the services' schemas say what they mean. Whole kilograms. */

export interface Finding {
  finding_id: string;
  revision: number;
  kind: string;
  status: string;
  day: string;
  subject_id: string;
  vehicle_id: string | null;
  site_id: string | null;
  stream: string | null;
  expected_kg: number;
  found_kg: number;
  difference_kg: number;
  tolerance_kg: number;
  likely_cause: string | null;
}

export interface FindingDetail extends Finding {
  trips: { ticket_id: string; tipped_at: string; site_id: string; net_kg: number; lifted_kg: number; lifts: number; difference_kg: number }[];
  haul: { haul_id: string; station_id: string; plant_id: string; seal_number: string; plate: string; net_kg: number; left_at: string } | null;
  arrivals: { ticket_id: string; site_id: string; plate: string; net_kg: number | null; at: string }[];
}

export interface Scale {
  vehicle_id: string;
  factor: number;
  trips: number;
}

export interface BoardValue {
  measured: string;
  unit: string;
  hour: number | null;
  hour_limit: number | null;
  day: number | null;
  day_limit: number | null;
  state: 'within' | 'exceeding' | 'invalid' | 'exempt' | 'no_data';
}

export interface BoardLine {
  line_id: string;
  name: string;
  condition: string;
  values: BoardValue[];
  open_exceedances: number;
}

export interface FurnaceBoard {
  as_of: string;
  plants: { plant_id: string; name_zh: string; name_en: string; lines: BoardLine[] }[];
}
