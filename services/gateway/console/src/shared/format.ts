import type { Words } from './i18n/zh';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  const made = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
  formats.set(key, made);
  return made;
}

const TIME: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const MINUTE: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };

/** 15:04:05 in the city's own time. */
export const clock = (at: string | number | Date, zone: string): string => format(zone, TIME).format(new Date(at));

/** 15:04 */
export const minute = (at: string | number | Date, zone: string): string => format(zone, MINUTE).format(new Date(at));

/** 15:04 of the same day in the city, 11-22 15:04 of another. */
export function moment(at: string, nowMs: number, zone: string): string {
  const day = dayOf(at, zone);
  return day === dayOf(nowMs, zone) ? minute(at, zone) : `${day.slice(5)} ${minute(at, zone)}`;
}

/** 2026-11-22 */
export function dayOf(at: string | number, zone: string): string {
  const parts = format(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(new Date(at));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

export function ago(at: string | null, nowMs: number, words: Words): string {
  if (!at) return words.never;
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(at)) / 1000));
  if (seconds < 5) return words.justNow;
  if (seconds < 60) return words.secondsAgo(seconds);
  if (seconds < 3600) return words.minutesAgo(Math.floor(seconds / 60));
  if (seconds < 86_400) return words.hoursAgo(Math.floor(seconds / 3600));
  return words.daysAgo(Math.floor(seconds / 86_400));
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

const hundredths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const cents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const count = (value: number): string => whole.format(value);

export const percent = (share: number): string => `${whole.format(share * 100)} %`;

/** 1,234 kg, or 56.8 t from ten tonnes on. */
export const weight = (kg: number, units: Words['units']): string =>
  Math.abs(kg) < 10_000 ? `${whole.format(kg)} ${units.kg}` : `${tenths.format(kg / 1000)} ${units.t}`;

/** Of ten-thousandths of a point. */
export const points = (e4: number): string => hundredths.format(e4 / 10_000);

/** Of fen. */
export const yuan = (fen: number): string => `¥${cents.format(fen / 100)}`;

export const speed = (kmh: number | null): string => (kmh === null ? '–' : `${whole.format(kmh)} km/h`);

const UNITS: Record<string, string> = { overspeed: 'km/h', offline: 'min', long_idle: 'min', implausible_weight: 'kg' };

/** The value of an alert with its unit; a geofence has none. */
export function measured(kind: string, value: number, words: Words): string {
  const unit = UNITS[kind];
  if (!unit) return '';
  return `${tenths.format(value)} ${{ min: words.minutes, kg: words.units.kg }[unit] ?? unit}`;
}
