import type { RunRow } from '../shared/wire';

const RANK = { running: 0, planned: 1, done: 2 };

/** What the truck does now first, then what it will do, then what it has done, the latest first. */
export function inOrder(runs: readonly RunRow[]): RunRow[] {
  const before = (a: RunRow, b: RunRow): number => (a.begins_at < b.begins_at ? -1 : a.begins_at > b.begins_at ? 1 : 0);
  return [...runs].sort((a, b) => RANK[a.status] - RANK[b.status] || (a.status === 'done' ? before(b, a) : before(a, b)));
}
