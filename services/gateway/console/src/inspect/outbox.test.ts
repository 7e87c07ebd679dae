import { expect, test } from 'vitest';
import type { BatchItem, Inspection } from './bodies';
import { BATCH, type City, Refused, send, type Shelf, type Waiting } from './outbox';

class Memory implements Shelf {
  kept = new Map<string, Waiting>();
  all = async (): Promise<Waiting[]> => [...this.kept.values()];
  put = async (one: Waiting): Promise<void> => void this.kept.set(one.inspection.client_id, one);
  remove = async (id: string): Promise<void> => void this.kept.delete(id);
}

class Office implements City {
  told: string[][] = [];
  shown: string[] = [];
  constructor(private readonly answer: (one: Inspection) => Partial<BatchItem> = () => ({})) {}
  async tell(_person: string, inspections: Inspection[]): Promise<BatchItem[]> {
    this.told.push(inspections.map((one) => one.client_id));
    return inspections.map((one) => ({ client_id: one.client_id, status: 'stored', finding_ids: ['F-1', 'F-2'], detail: null, ...this.answer(one) }));
  }
  async show(findingId: string): Promise<void> {
    this.shown.push(findingId);
  }
}

function waiting(id: string, photos: string[] = []): Waiting {
  const inspection = {
    client_id: id, place_id: 'P', checklist: 'road', plan_id: 'A', at: '', lon: null, lat: null, notes: {},
    answers: { litter: 'fail', exposed: 'pass', overflow: 'fail' },
  } as Inspection;
  return { inspection, person: '王', place: 'P', state: 'waiting', photos: photos.map((item) => ({ item, picture: new Blob() })), reason: '', findings: {} };
}

async function shelf(...ones: Waiting[]): Promise<Memory> {
  const memory = new Memory();
  for (const one of ones) await memory.put(one);
  return memory;
}

test('what the city has is gone from the phone, in batches', async () => {
  const memory = await shelf(...Array.from({ length: BATCH + 1 }, (_, n) => waiting(`${n}`)));
  const office = new Office();
  await send(memory, office);
  expect(office.told.map((batch) => batch.length)).toEqual([BATCH, 1]);
  expect(memory.kept.size).toBe(0);
});

test('a photo goes to the finding of its item', async () => {
  const memory = await shelf(waiting('1', ['overflow']));
  const office = new Office(() => ({ status: 'duplicate' }));
  await send(memory, office);
  expect(office.shown).toEqual(['F-2']);
  expect(memory.kept.size).toBe(0);
});

test('what is refused stays with its reason and is not sent again by itself', async () => {
  const memory = await shelf(waiting('1'), waiting('2'));
  const office = new Office((one) => (one.client_id === '1' ? { status: 'rejected', detail: 'no such place' } : {}));
  await send(memory, office);
  await send(memory, office);
  expect([...memory.kept.values()].map((one) => [one.inspection.client_id, one.state, one.reason])).toEqual([['1', 'refused', 'no such place']]);
  expect(office.told).toEqual([['1', '2']]);
});

test('without a network everything stays, and a photo that went is not sent again', async () => {
  const memory = await shelf(waiting('1', ['litter', 'overflow']));
  const office = new Office();
  const show = office.show.bind(office);
  let left = 1;
  office.show = async (id) => {
    if (left-- === 0) throw new TypeError('no network');
    await show(id);
  };
  await expect(send(memory, office)).rejects.toThrow('no network');
  expect(memory.kept.get('1')?.photos.map((photo) => photo.item)).toEqual(['overflow']);
  left = 9;
  await send(memory, office);
  expect(office.shown).toEqual(['F-1', 'F-2']);
  expect(office.told).toEqual([['1']]);
  expect(memory.kept.size).toBe(0);
});

test('a photo that will never be taken does not hold up the others', async () => {
  const memory = await shelf(waiting('1', ['litter']), waiting('2', ['litter']));
  const office = new Office();
  let first = true;
  office.show = async (id) => {
    if (first) {
      first = false;
      throw new Refused('not a picture');
    }
    office.shown.push(id);
  };
  await send(memory, office);
  expect([...memory.kept.values()].map((one) => [one.state, one.reason])).toEqual([['refused', 'not a picture']]);
});
