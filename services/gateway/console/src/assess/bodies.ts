/** Bodies of the gateway and the evaluation service as the assessment view reads them; the services' schemas say what they mean. */

export interface Cleanliness {
  period: string;
  revision: number | null;
  areas: { area_id: string; index: string | null; rank: number | null; grade: string | null }[];
  findings: { area_id: string; unmended: number; overdue: number }[];
  contractors: { contractor_id: string; deductions: number; points_e2: number; fen: number }[];
}

export interface IndexRow {
  area_id: string;
  index: string | null;
  grade: string | null;
  half_width: string | null;
  progress: string | null;
  parts: Record<string, string>;
  operation: Record<string, string>;
  place_types: Record<string, string>;
  complaints_per_10k: string | null;
  flags: string[];
}

export interface Observation {
  observation_id: string;
  kind: string;
  day: string;
  value_e4: number;
}

export interface Breakdown {
  row: IndexRow;
  observations: Observation[];
  next_cursor: string | null;
}

export interface Contract {
  contract_id: string;
  contractor_id: string;
  name_zh: string;
  name_en: string;
}

export interface Statement {
  contract_id: string;
  status: 'provisional' | 'settled';
  revision: number;
  fee_month_fen: number;
  points_left_e2: number;
  deducted_fen: number;
  payable_fen: number;
  lines: { deduction_id: string; zh: string; en: string; at: string; points_e2: number; counted_e2: number; fen: number; status: string; evidence: { kind: string; id: string }[] }[];
}
