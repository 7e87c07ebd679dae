/** What the evaluation service tells inspectors and hears from them (`npm run api`). */
import type { components } from '../shared/api/evaluation';

type Evaluation = components['schemas'];

export type Answer = 'pass' | 'fail' | 'not_applicable';
export type Assignment = Evaluation['AssignmentAnswer'];
export type BatchItem = Evaluation['BatchItem'];

export type Checklist = Evaluation['Checklist'];
export type Item = Evaluation['ChecklistItem'];

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
