/** What the console shows below its headline. */
export type View = 'map' | 'waste' | 'desk';

/** The ones beside the map, each fetched when it is opened first. */
export const SHEETS = {
  waste: () => import('./waste/Waste.svelte'),
  desk: () => import('./desk/Desk.svelte'),
};
