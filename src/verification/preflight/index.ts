import { GATEWAY } from './gateway.js';
import { PUBLISHER } from './publisher.js';
import type { Condition } from './row.js';
import { SITE } from './site.js';
import type { PreflightSources } from './sources.js';
import { UPDATE_SERVER } from './update-server.js';

export { type PreflightRow, type RowState, runPreflight } from './row.js';
export type * from './sources.js';
export { lookAtTls } from './tls.js';

/** From the publisher to the client: every condition that a remote install needs and that is not of one update. */
export const CONDITIONS: readonly Condition<PreflightSources>[] = [
  ...PUBLISHER,
  ...UPDATE_SERVER,
  ...SITE,
  ...GATEWAY,
];
