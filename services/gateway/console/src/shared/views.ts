/** What the console shows below its headline. */
export type View = 'map' | 'waste' | 'desk' | 'assess';

/** The ones beside the map, each fetched when it is opened first. */
export const SHEETS = {
  waste: () => import('../waste/Waste.svelte'),
  desk: () => import('../complaints/Desk.svelte'),
  assess: () => import('../assessment/Assess.svelte'),
};
