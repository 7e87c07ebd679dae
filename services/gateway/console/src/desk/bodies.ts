/** Bodies of the complaint service as the desk reads them; the service's schemas say what they mean. */

export type Colour = 'green' | 'yellow' | 'red';

export interface Case {
  case_id: string;
  revision: number;
  channel: string;
  category: string;
  category_zh: string;
  category_en: string;
  description: string;
  address: string | null;
  lon: number | null;
  lat: number | null;
  district_id: string | null;
  status: string;
  main_id: string | null;
  contractor_id: string | null;
  has_contact: boolean;
  requested_at: string;
  due_at: string | null;
  closed_at: string | null;
  colour: Colour | null;
  followers: number;
  order: { status: string; vehicle_id: string } | null;
}

export interface Clock {
  kind: string;
  round: number;
  due_at: string;
  stopped_at: string | null;
  colour: Colour;
}

export interface EvidenceStop {
  stop_id: string;
  name: string | null;
  verdict: string;
  planned_at: string;
  served_at: string | null;
  net_kg: number | null;
  vehicle_id: string | null;
}

export interface CaseDetail extends Case {
  contact: Record<string, string | null> | null;
  clocks: Clock[];
  history: { seq: number; step: string; at: string; person: string | null; note: string | null; responsible: string }[];
  steps: string[];
  evidence: { sentence_zh: string; sentence_en: string; stops: EvidenceStop[] } | null;
  proposed_zh: string | null;
  proposed_en: string | null;
}

export interface Duplicate {
  case_id: string;
  status: string;
  requested_at: string;
  metres: number;
  same_missed_stop: boolean;
}

export interface Category {
  code: string;
  zh: string;
  en: string;
}

export interface Figure {
  key: string;
  cases: number;
  open: number;
  overdue: number;
  change: number;
  change_to_year_before: number;
  rank: number;
  on_time_rate: number | null;
  satisfaction_rate: number | null;
}

export interface Figures {
  items: Figure[];
  sentence_zh: string;
  sentence_en: string;
}
