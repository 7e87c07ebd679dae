/** The live stream: server-sent events through fetch, because the token travels in a header. */

import { createParser } from 'eventsource-parser';
import { problemOf, type Problem } from '../shared/api';

const PATH = '/v1/city/live?stops=true';
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** The city says something every ten seconds, if only that nothing has changed. */
const SILENCE_MS = 25_000;
const HOPELESS = new Set([400, 401, 403, 404]);

export interface Listener {
  heard(event: string, data: string): void;
  connected(): void;
  /** The connection is lost; the next attempt follows by itself. */
  lost(): void;
  /** The city will not have us: the token does not reach here, or no longer. */
  refused(problem: Problem): void;
}

/** Growing pauses, a little different for each console, so that they do not all come back at once. */
export function pauseMs(attempt: number, chance: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.75 + chance / 2);
}

export class LiveStream {
  private lastId = '';
  private abort = new AbortController();
  private stopped = false;

  constructor(
    private readonly token: string,
    private readonly listener: Listener,
  ) {}

  async run(): Promise<void> {
    for (let attempt = 0; !this.stopped; attempt++) {
      try {
        await this.follow(() => {
          attempt = 0;
        });
      } catch (problem) {
        if (this.stopped) return;
        if (problem instanceof Refused) return this.listener.refused(problem.problem);
      }
      if (this.stopped) return;
      this.listener.lost();
      await new Promise((resolve) => setTimeout(resolve, pauseMs(attempt, Math.random())));
    }
  }

  stop(): void {
    this.stopped = true;
    this.abort.abort();
  }

  /** Forget what was heard: the next connection begins with a snapshot. */
  startOver(): void {
    this.lastId = '';
    this.abort.abort();
  }

  private async follow(connected: () => void): Promise<void> {
    const abort = (this.abort = new AbortController());
    let silence = setTimeout(() => abort.abort(), SILENCE_MS);
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}`, Accept: 'text/event-stream' };
    if (this.lastId) headers['Last-Event-ID'] = this.lastId;
    try {
      const answer = await fetch(PATH, { headers, signal: abort.signal, cache: 'no-store' });
      if (HOPELESS.has(answer.status)) throw new Refused(await problemOf(answer));
      if (!answer.ok || !answer.body) throw new Error(answer.statusText);
      connected();
      this.listener.connected();
      const parser = createParser({
        onEvent: (event) => {
          if (abort.signal.aborted) return;
          this.lastId = event.id ?? this.lastId;
          this.listener.heard(event.event ?? 'message', event.data);
        },
      });
      for (const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), SILENCE_MS);
        parser.feed(value);
      }
    } finally {
      clearTimeout(silence);
    }
  }
}

class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}
