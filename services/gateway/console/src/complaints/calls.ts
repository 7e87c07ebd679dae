/** What the complaints' desk asks for and says. */

import { get, post } from '../shared/api';
import type { Case, CaseDetail, Category, Duplicate, Figures } from './bodies';

const A_PAGE = 50;

/** Empty: all. `closed`: those that are over, too. */
export interface Wanted {
  colour: string;
  category: string;
  district: string;
  words: string;
  closed: boolean;
}

export const NOTHING_WANTED: Wanted = { colour: '', category: '', district: '', words: '', closed: false };

export function asked(wanted: Wanted, cursor: string | null): URLSearchParams {
  const words = wanted.words.trim();
  const given = {
    open: wanted.closed ? '' : 'true', colour: wanted.colour, category: wanted.category, district_id: wanted.district,
    q: words.length > 1 ? words : '', cursor: cursor ?? '', limit: String(A_PAGE),
  };
  return new URLSearchParams(Object.entries(given).filter(([, value]) => value));
}

export const fetchCases = (token: string, wanted: Wanted, cursor: string | null = null): Promise<{ items: Case[]; next_cursor: string | null }> =>
  get(token, `/v1/complaints?${asked(wanted, cursor)}`);

const of = (caseId: string): string => `/v1/complaints/${encodeURIComponent(caseId)}`;

export const fetchCase = (token: string, caseId: string): Promise<CaseDetail> => get(token, of(caseId));

export const fetchDuplicates = async (token: string, caseId: string): Promise<Duplicate[]> =>
  (await get<{ items: Duplicate[] }>(token, `${of(caseId)}/duplicates`)).items;

/** Refused with `changed_meanwhile` when somebody was quicker. */
export const takeStep = (token: string, one: Case, step: object): Promise<void> =>
  post(token, `${of(one.case_id)}/steps`, { revision: one.revision, steps: [step] });

export const sendTruck = (token: string, caseId: string, vehicleId: string, stream: string): Promise<void> =>
  post(token, `${of(caseId)}/orders`, { vehicle_id: vehicleId, stream });

export const fetchCategories = async (token: string): Promise<Category[]> =>
  (await get<{ categories: Category[] }>(token, '/v1/complaint-rules')).categories;

/** Of the month so far, by subdistrict. `day`: 2026-11-22. */
export const figuresPath = (day: string): string => `/v1/complaint-figures?from=${day.slice(0, 8)}01&to=${day}&by=street`;

export const fetchFigures = (token: string, day: string): Promise<Figures> => get(token, figuresPath(day));
