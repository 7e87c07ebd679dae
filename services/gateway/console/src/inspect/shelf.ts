/** What is kept on this phone: inspections in IndexedDB, because photos are large; the plan, name and token beside them. */

import type { Answer, Plan } from './bodies';
import type { Shelf, Waiting } from './outbox';

const STORE = 'waiting';

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open('sanitation.inspect', 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'inspection.client_id' });
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the phone keeps nothing'));
  });
}

async function work<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    const transaction = database.transaction(STORE, mode);
    const kept = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the phone is full'));
    });
    const result = await done(ask(transaction.objectStore(STORE)));
    await kept; // only then does it outlast the page
    return result;
  } finally {
    database.close();
  }
}

export const phone: Shelf = {
  all: () => work('readonly', (store) => store.getAll() as IDBRequest<Waiting[]>),
  put: async (one) => void (await work('readwrite', (store) => store.put(one))),
  remove: (clientId) => work('readwrite', (store) => store.delete(clientId)),
};

export interface Person {
  name: string;
  token: string;
}

function kept<T>(name: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(`sanitation.inspect.${name}`) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

function keep(name: string, value: unknown): void {
  if (value === null) localStorage.removeItem(`sanitation.inspect.${name}`);
  else localStorage.setItem(`sanitation.inspect.${name}`, JSON.stringify(value));
}

export const keptPerson = (): Person | null => kept<Person>('person');
export const keepPerson = (person: Person | null): void => keep('person', person);
export const keptPlan = (): Plan | null => kept<Plan>('plan');
export const keepPlan = (plan: Plan | null): void => keep('plan', plan);

/** The checklist that is being filled in, so that a page that was closed goes on where it was; its photos are taken again. */
export interface Draft {
  placeId: string;
  answers: Record<string, Answer>;
  notes: Record<string, string>;
}

export function keptDraft(placeId: string): Draft | null {
  const draft = kept<Draft>('draft');
  return draft?.placeId === placeId ? draft : null;
}

export const keepDraft = (draft: Draft | null): void => keep('draft', draft);
