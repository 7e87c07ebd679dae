/** An inspector's day on this phone: who it is, what is to be looked at, what waits to be sent. */

import { Problem } from '../shared/api';
import type { Assignment, Plan } from './bodies';
import { fetchPlan, office } from './calls';
import { Refused, send, type Waiting } from './outbox';
import { keepDraft, keepPerson, keepPlan, keptPerson, keptPlan, type Person, phone } from './shelf';

const AGAIN_MS = 30_000;

export type Trouble = '' | 'wrongToken' | 'notAllowed' | 'failed';

function troubleOf(problem: unknown): Trouble {
  const status = problem instanceof Problem ? problem.status : 0;
  return status === 401 ? 'wrongToken' : status === 403 ? 'notAllowed' : 'failed';
}

class Work {
  person = $state.raw<Person | null>(keptPerson());
  plan = $state.raw<Plan | null>(keptPlan());
  waiting = $state.raw<Waiting[]>([]);
  online = $state(navigator.onLine);
  trouble = $state<Trouble>('');
  /** The place whose checklist is open. */
  open = $state.raw<Assignment | null>(null);
  private sending: Promise<void> | null = null;

  begin(): () => void {
    const heard = (): void => {
      this.online = navigator.onLine;
      void this.sync();
    };
    addEventListener('online', heard);
    addEventListener('offline', heard);
    const timer = setInterval(() => void this.sync(), AGAIN_MS);
    void this.look().then(() => this.sync());
    return () => {
      removeEventListener('online', heard);
      removeEventListener('offline', heard);
      clearInterval(timer);
    };
  }

  signIn(name: string, token: string): void {
    this.person = { name: name.trim(), token: token.trim() };
    keepPerson(this.person);
    void this.sync();
  }

  /** What waits stays on the phone and goes out when somebody signs in again. */
  signOut(): void {
    this.person = this.plan = this.open = null;
    this.trouble = '';
    keepPerson(null);
    keepPlan(null);
    keepDraft(null);
  }

  async file(one: Waiting): Promise<void> {
    await phone.put(one);
    await this.look();
    void (this.sending ?? Promise.resolve()).then(() => this.sync());
  }

  async again(one: Waiting): Promise<void> {
    await this.file({ ...one, state: Object.keys(one.findings).length ? 'photos' : 'waiting', reason: '' });
  }

  async discard(one: Waiting): Promise<void> {
    await phone.remove(one.inspection.client_id);
    await this.look();
  }

  /** One at a time: an upload that is under way is not begun a second time. */
  sync(): Promise<void> {
    this.sending ??= this.exchange().finally(() => (this.sending = null));
    return this.sending;
  }

  private async exchange(): Promise<void> {
    const person = this.person;
    if (!person || !navigator.onLine) return;
    try {
      await send(phone, office(person.token));
      const plan = await fetchPlan(person);
      if (person !== this.person) return;
      this.plan = plan;
      keepPlan(plan);
      this.trouble = '';
      this.online = true;
    } catch (problem) {
      this.online = problem instanceof Problem || problem instanceof Refused;
      this.trouble = this.online ? troubleOf(problem) : '';
    } finally {
      await this.look();
    }
  }

  private async look(): Promise<void> {
    this.waiting = await phone.all();
  }
}

export const work = new Work();
