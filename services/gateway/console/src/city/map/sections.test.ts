import { expect, test } from 'vitest';
import type { RunDetail } from '../../shared/wire';
import { sectionLines } from './sections';

const line: [number, number][] = [[121, 31], [121.01, 31]];
const run: RunDetail = {
  run_id: 'R',
  stops: [
    { stop_id: 'R:1', verdict: 'planned', line, coverage: 0.4 },
    { stop_id: 'R:2', verdict: 'missed', line, coverage: null },
    { stop_id: 'R:3', verdict: 'planned', line: null, coverage: null },
  ],
};

test('only streets are drawn, as they are judged now', () => {
  expect(sectionLines(run, [{ stop_id: 'R:1', verdict: 'collected' }]).map((section) => section.verdict)).toEqual(['collected', 'missed']);
  expect(sectionLines(null, [])).toEqual([]);
});
