/** Bodies of the complaint service as the desk reads them (`npm run api`). */
import type { components } from '../shared/api/complaint';

type Complaint = components['schemas'];

export type Colour = Complaint['ClockColour'];
export type Case = Complaint['ComplaintAnswer'];
export type Clock = Complaint['ClockAnswer'];
export type CaseDetail = Complaint['ComplaintDetail'];
export type Duplicate = Complaint['DuplicateAnswer'];
export type Category = Complaint['CategoryAnswer'];
export type Figure = Complaint['FigureRow'];
export type Figures = Complaint['FiguresAnswer'];
