/** What the evaluation service tells inspectors and hears from them. */

export type Answer = 'pass' | 'fail' | 'not_applicable';

export interface Item {
  code: string;
  zh: string;
  en: string;
  severity: string;
  photo: boolean;
  veto: boolean;
}

export interface Checklist {
  zh: string;
  en: string;
  place_type: string;
  items: Item[];
}

export interface Assignment {
  plan_id: string;
  place_id: string;
  name: string;
  place_type: string;
  area_id: string;
  lon: number;
  lat: number;
  checklist: string;
  inspected_at: string | null;
}

/** Kept on the phone for when there is no network. */
export interface Plan {
  period: string;
  items: Assignment[];
  checklists: Record<string, Checklist>;
}

export interface Inspection {
  client_id: string;
  place_id: string;
  checklist: string;
  plan_id: string;
  at: string;
  lon: number | null;
  lat: number | null;
  answers: Record<string, Answer>;
  notes: Record<string, string>;
}

export interface BatchItem {
  client_id: string | null;
  status: 'stored' | 'duplicate' | 'rejected';
  finding_ids: string[];
  detail: string | null;
}
