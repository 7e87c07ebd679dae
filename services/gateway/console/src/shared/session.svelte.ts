/** Who is signed in at this tab: a token, kept until the tab closes, and the city it opens. */

import type { Problem } from './api';
import { City } from '../city/city.svelte';

const KEY = 'sanitation.token';

class Session {
  city = $state.raw<City | null>(null);
  /** Why nobody is signed in; a key of the dictionary. */
  message = $state<'' | 'wrongToken' | 'notAllowed' | 'expired' | 'emptyToken'>('');

  /** A link `#token=…` signs in at once and leaves no trace in the address bar; else whoever was signed in before. */
  begin(): void {
    const linked = new URLSearchParams(location.hash.slice(1)).get('token');
    if (linked) history.replaceState(null, '', location.pathname + location.search);
    const token = linked ?? sessionStorage.getItem(KEY);
    if (token) this.signIn(token);
  }

  signIn(token: string): void {
    this.end();
    const trimmed = token.trim();
    this.message = trimmed ? '' : 'emptyToken';
    if (!trimmed) return;
    const city = new City(trimmed, (problem) => this.refused(city, problem));
    sessionStorage.setItem(KEY, trimmed);
    this.city = city;
    city.start();
  }

  signOut(): void {
    this.message = '';
    this.end();
  }

  private refused(city: City, problem: Problem): void {
    if (city !== this.city) return;
    const wasIn = city.view !== null;
    this.end();
    this.message = problem.status === 403 ? 'notAllowed' : wasIn ? 'expired' : 'wrongToken';
  }

  private end(): void {
    this.city?.stop();
    this.city = null;
    sessionStorage.removeItem(KEY);
  }
}

export const session = new Session();
