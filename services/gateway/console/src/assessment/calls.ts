/** What the assessment view asks for. Months: 2026-11. */

import { download, get } from '../shared/api';
import type { Breakdown, Cleanliness, Contract, Statement } from './bodies';

/** Without a month: the newest that is published. */
export const fetchCleanliness = (token: string, month: string): Promise<Cleanliness> =>
  get(token, `/v1/city/cleanliness${month && `?month=${month}-01`}`);

export const fetchBreakdown = (token: string, month: string, areaId: string, cursor: string | null): Promise<Breakdown> =>
  get(token, `/v1/cleanliness-index/${month}/areas/${areaId}?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);

export const fetchContracts = async (token: string): Promise<Contract[]> => (await get<{ items: Contract[] }>(token, '/v1/contracts')).items;

const statementPath = (contractId: string, month: string): string => `/v1/contracts/${encodeURIComponent(contractId)}/statements/${month}`;

export const fetchStatement = (token: string, contractId: string, month: string): Promise<Statement> =>
  get(token, statementPath(contractId, month));

export const downloadStatement = (token: string, contractId: string, month: string, shape: 'xlsx' | 'pdf'): Promise<void> =>
  download(token, `${statementPath(contractId, month)}?format=${shape}`, `statement-${contractId}-${month}.${shape}`);

/** The last `count` months up to the day, newest first. `day`: 2026-11-22. */
export function monthsUntil(day: string, count: number): string[] {
  const [year, month] = day.split('-').map(Number) as [number, number];
  return Array.from({ length: count }, (_, back) => new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7));
}
