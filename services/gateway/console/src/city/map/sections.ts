import type { RunDetail, Verdict } from '../../shared/wire';
import type { SectionLine } from './surface';

/** The streets of a run as the stream has them judged now; none for stops that are points. */
export function sectionLines(run: RunDetail | null, judged: readonly { stop_id: string; verdict: Verdict }[]): SectionLine[] {
  const now = new Map(judged.map((stop) => [stop.stop_id, stop.verdict]));
  return (run?.stops ?? []).flatMap(({ stop_id, verdict, line }) => (line ? [{ verdict: now.get(stop_id) ?? verdict, line: line as [number, number][] }] : []));
}
