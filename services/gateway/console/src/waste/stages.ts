/** The way of the waste as rows of bars: each stage with its streams, all to one scale. */

import type { FlowsPart } from '../shared/wire';

export interface Bar {
  stage: string;
  kg: number;
  /** `from`, `share`: percent of the widest row. */
  parts: { stream: string; kg: number; from: number; share: number }[];
}

const STAGES = ['lifted', 'on_board', 'tipped', 'hauled', 'under_way', 'received', 'fed'];

export function bars(flows: FlowsPart): Bar[] {
  const told = [
    ...flows.stages,
    ...flows.streams.map((one) => ({ stage: 'on_board', stream: one.stream, net_kg: one.on_board_end_kg })),
    ...flows.hauls.map((one) => ({ stage: 'under_way', stream: one.stream, net_kg: one.under_way_end_kg })),
  ].filter((one) => one.net_kg > 0);
  const rows = STAGES.map((stage) => ({ stage, own: told.filter((one) => one.stage === stage) }));
  const sum = (own: typeof told): number => own.reduce((kg, one) => kg + one.net_kg, 0);
  const widest = Math.max(1, ...rows.map((row) => sum(row.own)));
  return rows.map(({ stage, own }) => {
    let from = 0;
    const parts = own.map((one) => {
      const share = (100 * one.net_kg) / widest;
      from += share;
      return { stream: one.stream, kg: one.net_kg, from: from - share, share };
    });
    return { stage, kg: sum(own), parts };
  });
}

/** What is missing (> 0) or too much (< 0), by name, over all streams; the largest first. */
export function residues(flows: FlowsPart): { name: string; between: 'truck' | 'haul'; kg: number }[] {
  const found = new Map<string, { name: string; between: 'truck' | 'haul'; kg: number }>();
  const add = (between: 'truck' | 'haul', of: { residue: { name: string; net_kg: number }[] }[]): void => {
    for (const { name, net_kg } of of.flatMap((one) => one.residue)) {
      const row = found.get(`${between} ${name}`) ?? { name, between, kg: 0 };
      found.set(`${between} ${name}`, { ...row, kg: row.kg + net_kg });
    }
  };
  add('truck', flows.streams);
  add('haul', flows.hauls);
  return [...found.values()].sort((a, b) => Math.abs(b.kg) - Math.abs(a.kg));
}
