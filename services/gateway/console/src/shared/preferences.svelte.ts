/** What the person at this browser prefers: language and appearance. Kept here, told to nobody. */

import { en } from './i18n/en';
import { zh, type Words } from './i18n/zh';

export type Language = 'zh' | 'en';
export type Theme = 'system' | 'light' | 'dark';

const WORDS: Record<Language, Words> = { zh, en };
const dark = matchMedia('(prefers-color-scheme: dark)');
const still = matchMedia('(prefers-reduced-motion: reduce)');

class Preferences {
  language = $state<Language>(kept('language', ['zh', 'en']) ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'));
  theme = $state<Theme>(kept('theme', ['system', 'light', 'dark']) ?? 'system');
  still = $state(still.matches);
  private systemDark = $state(dark.matches);

  readonly words = $derived(WORDS[this.language]);
  readonly dark = $derived(this.theme === 'system' ? this.systemDark : this.theme === 'dark');

  constructor() {
    dark.addEventListener('change', () => (this.systemDark = dark.matches));
    still.addEventListener('change', () => (this.still = still.matches));
  }

  setLanguage(language: Language): void {
    this.language = language;
    keep('language', language);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    keep('theme', theme);
  }
}

function kept<T extends string>(name: string, among: readonly T[]): T | null {
  try {
    const value = localStorage.getItem(`sanitation.${name}`) as T | null;
    return value && among.includes(value) ? value : null;
  } catch {
    return null; // a browser that keeps nothing
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`sanitation.${name}`, value);
  } catch {
    // it is forgotten when the page closes
  }
}

export const preferences = new Preferences();
