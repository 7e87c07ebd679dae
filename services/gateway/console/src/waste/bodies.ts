/** Bodies of the gateway and the incinerator service as the waste view reads them (`npm run api`). Whole kilograms. */
import type { components as GatewayApi } from '../shared/api/gateway';
import type { components as IncineratorApi } from '../shared/api/incinerator';

type Gateway = GatewayApi['schemas'];
type Incinerator = IncineratorApi['schemas'];

export type Finding = Gateway['FindingAnswer'];
export type FindingDetail = Gateway['FindingDetail'];
export type Scale = Gateway['ScaleAnswer'];
export type BoardValue = Incinerator['BoardValue'];
export type BoardLine = Incinerator['BoardLine'];
export type FurnaceBoard = Incinerator['FurnaceBoard'];
