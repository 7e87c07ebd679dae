/** Inspections on the phone until the city has them: first the answers in batches, then the photos of what was found. */

import type { BatchItem, Inspection } from './bodies';

export const BATCH = 50;

export interface Photo {
  item: string;
  picture: Blob;
}

/** `waiting` to be told; `photos` still to be sent, each for its finding; `refused` with a reason. */
export interface Waiting {
  inspection: Inspection;
  person: string;
  place: string;
  state: 'waiting' | 'photos' | 'refused';
  photos: Photo[];
  reason: string;
  /** Finding by item of the checklist, once the city has named them. */
  findings: Record<string, string>;
}

export interface Shelf {
  all(): Promise<Waiting[]>;
  put(one: Waiting): Promise<void>;
  remove(clientId: string): Promise<void>;
}

export interface City {
  tell(person: string, inspections: Inspection[]): Promise<BatchItem[]>;
  show(findingId: string, picture: Blob): Promise<void>;
}

/** An answer that says that this will never be taken; anything else is tried again later. */
export class Refused extends Error {}

/** Failed items in the order of the answers, which is the checklist's: the city names their findings in the same. */
export const failed = (inspection: Inspection): string[] =>
  Object.entries(inspection.answers).filter(([, answer]) => answer === 'fail').map(([code]) => code);

/** Sends what waits. Ends at the first failure of the network by throwing it; nothing is dropped before it was answered. */
export async function send(shelf: Shelf, city: City): Promise<void> {
  const waiting = (await shelf.all()).filter((one) => one.state === 'waiting');
  for (const person of new Set(waiting.map((one) => one.person))) {
    const own = waiting.filter((one) => one.person === person);
    for (let start = 0; start < own.length; start += BATCH) await tell(shelf, city, person, own.slice(start, start + BATCH));
  }
  for (const one of await shelf.all()) if (one.state === 'photos') await show(shelf, city, one);
}

async function tell(shelf: Shelf, city: City, person: string, batch: Waiting[]): Promise<void> {
  const items = await city.tell(person, batch.map((one) => one.inspection));
  for (const one of batch) {
    const item = items.find((told) => told.client_id === one.inspection.client_id);
    if (!item) continue;
    if (item.status === 'rejected') await shelf.put({ ...one, state: 'refused', reason: item.detail ?? '' });
    else await accepted(shelf, one, item.finding_ids);
  }
}

async function accepted(shelf: Shelf, one: Waiting, findingIds: string[]): Promise<void> {
  if (!one.photos.length) return shelf.remove(one.inspection.client_id);
  const findings = Object.fromEntries(failed(one.inspection).map((code, n) => [code, findingIds[n] ?? '']));
  await shelf.put({ ...one, state: 'photos', findings });
}

async function show(shelf: Shelf, city: City, one: Waiting): Promise<void> {
  for (const photo of one.photos) {
    try {
      await city.show(one.findings[photo.item] ?? '', photo.picture);
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      await shelf.put({ ...one, state: 'refused', reason: problem.message });
      return;
    }
    one = { ...one, photos: one.photos.filter((other) => other !== photo) };
    await shelf.put(one);
  }
  await shelf.remove(one.inspection.client_id);
}
