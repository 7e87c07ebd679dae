/** Words for values of the data: the city's own labels first, then this page's. */

import type { City } from '../city/city.svelte';
import { preferences } from './preferences.svelte';

export function label(city: City, value: string): string {
  const words = preferences.words;
  if (value === 'unsorted') return words.unsorted;
  return city.view?.labels[value]?.[preferences.language] ?? words.statuses[value] ?? words.verdicts[value] ?? value;
}

/** Of vehicles: `hazardous` is also a waste stream. */
export const kindWord = (kind: string): string => preferences.words.kinds[kind] ?? kind;

export const alertKind = (kind: string): string => preferences.words.alertKinds[kind] ?? kind;
