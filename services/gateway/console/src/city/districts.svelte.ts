/** Shapes and names of the districts. They come in when somebody imports them, so a name that is missing is asked for again. */

import { fetchDistricts } from '../shared/api';
import type { Language } from '../shared/preferences.svelte';
import type { Districts } from '../shared/wire';

const AGAIN_MS = 60_000;

export class DistrictBook {
  shapes = $state.raw<Districts>({ type: 'FeatureCollection', features: [] });
  private readonly names = $derived(new Map(this.shapes.features.map(({ properties }) => [properties.district_id, properties])));
  private askedMs = 0;

  constructor(private readonly token: string) {}

  name(districtId: string, language: Language): string {
    return this.names.get(districtId)?.[language === 'zh' ? 'name_zh' : 'name_en'] ?? districtId;
  }

  async complete(needed: Iterable<string>): Promise<void> {
    if (Date.now() - this.askedMs < AGAIN_MS) return;
    if (this.shapes.features.length && [...needed].every((id) => this.names.has(id))) return;
    this.askedMs = Date.now();
    try {
      const found = await fetchDistricts(this.token);
      if (found.features.length !== this.shapes.features.length) this.shapes = found;
    } catch {
      // asked again soon; without shapes the map shows trucks and points alone
    }
  }
}
