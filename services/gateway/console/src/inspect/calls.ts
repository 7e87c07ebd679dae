import { get, problemOf } from '../shared/api';
import type { Assignment, BatchItem, Checklist, Inspection, Plan } from './bodies';
import { type City, Refused } from './outbox';
import type { Person } from './shelf';

const FOR_GOOD = [404, 413, 415, 422];

export async function fetchPlan({ name, token }: Person): Promise<Plan> {
  const [assigned, lists] = await Promise.all([
    get<{ period: string; items: Assignment[] }>(token, `/v1/inspection-assignments?inspector=${encodeURIComponent(name)}`),
    get<{ checklists: Record<string, Checklist> }>(token, '/v1/checklists'),
  ]);
  return { ...assigned, checklists: lists.checklists };
}

async function post(token: string, path: string, type: string, body: BodyInit): Promise<Response> {
  const answer = await fetch(path, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': type }, body });
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  throw FOR_GOOD.includes(problem.status) ? new Refused(problem.message) : problem;
}

export const office = (token: string): City => ({
  async tell(person: string, inspections: Inspection[]): Promise<BatchItem[]> {
    const answer = await post(token, '/v1/inspection-batches', 'application/json', JSON.stringify({ person, inspections }));
    return ((await answer.json()) as { items: BatchItem[] }).items;
  },
  async show(findingId: string, picture: Blob): Promise<void> {
    await post(token, `/v1/finding-photos?finding_id=${encodeURIComponent(findingId)}`, picture.type, picture);
  },
});
