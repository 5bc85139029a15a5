import type { OperationsDeps } from './deps.js';
import { type Overview, overview } from './overview.js';
import { type RepublishRequest, type RepublishStarted, republish } from './republish.js';
import { type SyncRequest, type SyncStarted, sync } from './sync.js';

/** The use cases behind the command line, the API and the pages. */
export interface Operations {
  sync(request: SyncRequest): Promise<SyncStarted>;
  republish(request: RepublishRequest): Promise<RepublishStarted>;
  overview(): Promise<Overview>;
}

export function createOperations(deps: OperationsDeps): Operations {
  return {
    sync: (request) => sync(deps, request),
    republish: (request) => republish(deps, request),
    overview: () => overview(deps),
  };
}
