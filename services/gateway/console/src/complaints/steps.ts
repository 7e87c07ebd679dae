/** What a person has to say with a step of the workflow; the service says which steps a case allows now. */

export type Need = 'note' | 'text' | 'contractor' | 'extension' | 'answer';

const NEEDS: Record<string, Need> = {
  reject: 'note', return: 'note', fail_check: 'note', reopen: 'note', press: 'note', void: 'note', note: 'note',
  answer: 'text', reply: 'text', dispatch: 'contractor', transfer: 'contractor', ask_extension: 'extension', call_back: 'answer',
};

/** Done elsewhere: joining beside the likely duplicates, editing by whoever took the call. */
const ELSEWHERE = new Set(['join', 'edit']);

export const offered = (steps: string[]): string[] => steps.filter((step) => !ELSEWHERE.has(step));

export const needOf = (step: string): Need | undefined => NEEDS[step];

export interface Filled {
  text: string;
  contractor: string;
  hours: number;
  satisfaction: string;
}

export const NOTHING_FILLED: Filled = { text: '', contractor: '', hours: 24, satisfaction: '' };

/** The body of the step, or null while something is missing. */
export function stepBody(step: string, filled: Filled): object | null {
  const text = filled.text.trim();
  switch (needOf(step)) {
    case 'note':
      return text ? { step, note: text } : null;
    case 'text':
      return text ? { step, text } : null;
    case 'contractor':
      return filled.contractor ? { step, contractor_id: filled.contractor, note: text } : null;
    case 'extension':
      return text && filled.hours > 0 ? { step, amount: filled.hours, unit: 'hours', note: text } : null;
    case 'answer':
      return filled.satisfaction ? { step, satisfaction: filled.satisfaction, solved: filled.satisfaction !== 'not_satisfied', note: text } : null;
    default:
      return step ? { step, note: text } : null;
  }
}
