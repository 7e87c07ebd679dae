import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveStream, pauseMs, type Listener } from './live';

const said = (id: string, data: string): string => `event: change\nid: ${id}\ndata: ${data}\n\n`;

class Ear implements Listener {
  readonly words: string[] = [];
  heard = (event: string, data: string): unknown => this.words.push(`${event} ${data}`);
  connected = (): unknown => this.words.push('connected');
  lost = (): unknown => this.words.push('lost');
  refused = (problem: { status: number }): unknown => this.words.push(`refused ${problem.status}`);
}

const answers: (() => Response | Promise<Response>)[] = [];
const asked: Headers[] = [];

/** Pieces as the network cuts them; `hang`: the connection stays open after them. */
function stream(pieces: Uint8Array[], hang = false): Response {
  return new Response(new ReadableStream({ start: (to) => (pieces.forEach((piece) => to.enqueue(piece)), hang || to.close()) }));
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

beforeEach(() => {
  answers.length = asked.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    asked.push(new Headers(init.headers));
    const answer = await (answers.shift() ?? (() => stream([], true)))();
    init.signal?.addEventListener('abort', () => void answer.body?.cancel().catch(() => undefined));
    return answer;
  });
});
afterEach(() => vi.useRealTimers());

async function listen(ear: Ear, ms = 60_000): Promise<void> {
  const live = new LiveStream('TOKEN', ear);
  void live.run();
  await vi.advanceTimersByTimeAsync(ms);
  live.stop();
}

test('events are put together however the network cuts them, in the middle of a letter too', async () => {
  const whole = bytes(said('7', '{"plate":"沪A1"}'));
  answers.push(() => stream([whole.slice(0, 40), whole.slice(40)]));
  const ear = new Ear();
  await listen(ear, 100);
  expect(ear.words.slice(0, 2)).toEqual(['connected', 'change {"plate":"沪A1"}']);
});

test('after a lost connection it asks for what it missed', async () => {
  answers.push(() => stream([bytes(said('41', '1') + said('42', '2'))]));
  const ear = new Ear();
  await listen(ear, 2000);
  expect(asked.map((headers) => headers.get('last-event-id'))).toEqual([null, '42']);
  expect(asked[0]!.get('authorization')).toBe('Bearer TOKEN');
  expect(ear.words).toEqual(['connected', 'change 1', 'change 2', 'lost', 'connected']);
});

test('a city that is away is tried again; a city that refuses is not', async () => {
  answers.push(() => Promise.reject(new TypeError('no answer')), () => new Response('', { status: 503 }), () => new Response('{}', { status: 401 }));
  const ear = new Ear();
  await listen(ear);
  expect(ear.words).toEqual(['lost', 'lost', 'refused 401']);
  expect(asked.length).toBe(3);
});

test('pauses grow to a quarter of a minute and differ from console to console', () => {
  expect([0, 1, 2, 3].map((attempt) => pauseMs(attempt, 0.5))).toEqual([500, 1000, 2000, 4000]);
  expect(pauseMs(30, 0.5)).toBe(15_000);
  expect(pauseMs(3, 0)).toBeLessThan(pauseMs(3, 1));
});
