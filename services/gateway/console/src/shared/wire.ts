/** Bodies that several views read. They are the services' own (`npm run api`); `services/<service>/schemas/` says what they mean. */
import type { components as GatewayApi } from './api/gateway';
import type { components as RouteApi } from './api/route';
import type { components as VehicleApi } from './api/vehicle';

type Gateway = GatewayApi['schemas'];
type Route = RouteApi['schemas'];
type Vehicle = VehicleApi['schemas'];

export type Status = 'driving' | 'idle' | 'parked' | 'offline';
export type Verdict = Route['Verdict'];
export type CityView = Gateway['City'];
export type Part = Pick<Gateway['Fleet'], 'as_of' | 'stale'>;
export type StopCounts = Omit<Gateway['StopGroup'], 'key'>;
export type FlowsPart = Gateway['Flows'];
export type VehicleRow = Gateway['VehicleRow'] & { status: Status };
export type StopRow = Gateway['StopRow'] & { verdict: Verdict };
export type AlertRow = Gateway['AlertRow'];

/** Data of the events `snapshot` and `change` of `/v1/city/live`. */
export type Changes = Gateway['Changes'] & { vehicles: VehicleRow[]; stops: StopRow[] };

export type RunRow = Route['RunAnswer'];
/** Of a run that was opened, what is drawn of it. `line` of a stop that covers a street: [lon, lat] from end to end. */
export type RunDetail = {
  run_id: string;
  stops: Pick<Route['RunStop'], 'stop_id' | 'verdict' | 'line' | 'coverage'>[];
};

/** What the gateway passes on, each part in the words of the service that said it. */
export type VehicleDetail = Omit<Gateway['VehicleDetail'], 'vehicle' | 'runs' | 'alerts'> & {
  vehicle: Vehicle['VehicleAnswer'] | null;
  runs: RunRow[] | null;
  alerts: AlertRow[] | null;
};

export type OrderRow = Route['OrderAnswer'];
export type NewOrder = Route['Message'] | Omit<Route['Unload'], 'details'> | Route['TakeOver'];
export type Fix = Pick<Vehicle['PositionAnswer'], 'at' | 'lon' | 'lat' | 'speed_kmh'>;

export type Districts = Gateway['Districts'];
export type DistrictFeature = Districts['features'][number];
