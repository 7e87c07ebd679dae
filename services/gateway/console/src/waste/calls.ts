/** What the waste view asks for. */

import { download, get, post } from '../shared/api';
import type { Finding, FindingDetail, FurnaceBoard, Scale } from './bodies';

const SHOWN = 100;

const items = async <T>(token: string, path: string): Promise<T[]> => (await get<{ items: T[] }>(token, path)).items;

/** Open ones, the newest days first. */
export const fetchFindings = (token: string): Promise<Finding[]> => items(token, `/v1/balance/findings?status=open&limit=${SHOWN}`);

export const fetchFinding = (token: string, findingId: string): Promise<FindingDetail> =>
  get(token, `/v1/balance/findings/${encodeURIComponent(findingId)}`);

/** `end`: be done with it, rather than only say why. */
export const explain = (token: string, finding: Finding, cause: string, note: string, end: boolean): Promise<void> =>
  post(token, `/v1/balance/findings/${encodeURIComponent(finding.finding_id)}/${end ? 'close' : 'explain'}`, {
    revision: finding.revision, cause, note,
  });

export const fetchDrifting = (token: string): Promise<Scale[]> => items(token, `/v1/balance/scales?drifts=true&limit=${SHOWN}`);

export const fetchBoard = (token: string): Promise<FurnaceBoard> => get(token, '/v1/furnace-board');

export const downloadFindings = (token: string, shape: 'csv' | 'xlsx'): Promise<void> =>
  download(token, `/v1/balance/findings?status=open&limit=1000&format=${shape}`, `balance-findings.${shape}`);
