/** Bodies of the gateway and the evaluation service as the assessment view reads them (`npm run api`). */
import type { components as EvaluationApi } from '../shared/api/evaluation';
import type { components as GatewayApi } from '../shared/api/gateway';

type Evaluation = EvaluationApi['schemas'];

export type Cleanliness = GatewayApi['schemas']['Cleanliness'];
export type IndexRow = Evaluation['IndexRow'];
export type Observation = Evaluation['ObservationAnswer'];
export type Breakdown = Evaluation['BreakdownAnswer'];
export type Contract = Evaluation['ContractAnswer'];
export type Statement = Evaluation['StatementAnswer'];
