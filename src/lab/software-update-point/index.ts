import { answerControl, isControlPath } from './control.js';
import { addressOf, type Handler, listen } from './http.js';
import { answerLocalPublishing, isLocalPublishingPath } from './local-publishing/index.js';
import type { SoftwareUpdatePointOptions } from './options.js';
import { contentFileOf, sendFile } from './ranges.js';
import { disableProducts } from './site-categories.js';
import { openWorld, type World } from './world.js';
import { createCookies } from './wusp/cookies.js';
import { answerWusp, isWuspPath, type WuspServer } from './wusp/endpoints.js';

export type { ServerIdentity } from './http.js';
export type { SoftwareUpdatePointOptions, WsusSigning } from './options.js';
export type { HostMap, Outbound } from './outbound.js';

export interface SoftwareUpdatePoint {
  readonly port: number;
  /** What an administrator does in the console: no product is ticked any more. */
  disableProducts(): void;
  close(): Promise<void>;
}

/**
 * A software update point with the site behind it, as far as a publisher and its clients see it: the sync agent that
 * subscribes to a catalog, content publishing, update services for clients (MS-WUSP), and the site's REST calls.
 */
export async function startSoftwareUpdatePoint(
  options: SoftwareUpdatePointOptions,
): Promise<SoftwareUpdatePoint> {
  const world = openWorld(options);
  let contentBase = '';
  const wusp = wuspServer(world, () => contentBase);
  const handler: Handler = async (request, response) => {
    const path = addressOf(request).pathname;
    if (isWuspPath(path)) await answerWusp(wusp, path, request, response);
    else if (isLocalPublishingPath(path)) await answerLocalPublishing(world, request, response);
    else if (isControlPath(path)) await answerControl(world, request, response);
    else await sendFile(contentFileOf(world.contentFolder, path), request, response);
  };
  const server = await listen(handler, options.identity, options.port);
  contentBase = `https://${options.hostName}:${server.port}`;
  return {
    port: server.port,
    disableProducts: () => disableProducts(world),
    async close() {
      await server.close();
      world.close();
    },
  };
}

function wuspServer(world: World, contentBase: () => string): WuspServer {
  const { state, options } = world;
  return {
    serverName: options.hostName,
    get contentBase() {
      return contentBase();
    },
    configuredAt: state.configuredAt,
    cookies: createCookies(Buffer.from(state.cookieKey, 'base64')),
    now: () => options.now(),
    catalogue: () => world.catalogue(),
    onFault: (error) => options.onFault(error),
    register: (...computer) => world.computers.register(...computer),
    record: (events) => world.computers.record(events),
    toldUntil: (clientId) => world.computers.toldUntil(clientId),
    told: (session) => world.computers.told(session),
  };
}
