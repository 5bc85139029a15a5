import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openComputers } from '../computers.js';
import { type LabDatabase, openDatabase } from '../database.js';
import { keepDeployments } from '../deployments.js';
import {
  addressOf,
  type Handler,
  type ListeningServer,
  listen,
  listenPlain,
  type ServerIdentity,
} from '../http.js';
import { contentFileOf, sendFile } from '../ranges.js';
import { createCatalogue, type ServedCatalogue, type ServedUpdate } from '../wusp/catalogue.js';
import { createCookies } from '../wusp/cookies.js';
import { answerWusp, isWuspPath, type WuspServer } from '../wusp/endpoints.js';
import { takeContent } from './content.js';
import { readDocuments, type SetAside } from './documents.js';
import { type Approvals, openRevisionNumbers, serveDocuments } from './serve.js';

export interface UpdateServicesOptions {
  /** State and content; survives a kill at any moment. */
  readonly folder: string;
  /** Update documents to serve; null: none. */
  readonly importFolder: string | null;
  readonly approvals: Approvals;
  readonly hostName: string;
  /** 0: any free port of the loopback address. */
  readonly port: number;
  /** Null: plain HTTP. */
  readonly identity: ServerIdentity | null;
  now(): Date;
  onFault(error: unknown): void;
}

export interface UpdateServices {
  readonly port: number;
  readonly baseUrl: string;
  /** How many of each kind are told to clients. */
  readonly served: { readonly categories: number; readonly software: number; readonly drivers: number };
  readonly setAside: readonly SetAside[];
  /** Files that no document's folder has. */
  readonly missingFiles: readonly string[];
  /** Updates that no client will ever be told of, and a prerequisite that nothing here has. */
  readonly unreachable: readonly { readonly updateId: string; readonly missing: string }[];
  close(): Promise<void>;
}

/** A Software Update Point by itself: MS-WUSP over documents that were imported, with nothing of a site behind it. */
export async function startUpdateServices(options: UpdateServicesOptions): Promise<UpdateServices> {
  const { folder, importFolder, hostName, identity } = options;
  const database = openDatabase(folder);
  try {
    const { documents, setAside } =
      importFolder === null ? { documents: [], setAside: [] } : readDocuments(importFolder);
    const contentFolder = join(folder, 'content');
    const missingFiles =
      importFolder === null ? [] : await takeContent(documents, importFolder, contentFolder);
    const numbers = openRevisionNumbers(database, options.now());
    const giveNumbers = database.transaction(() => serveDocuments(documents, options.approvals, numbers));
    const catalogue = createCatalogue(keepDeployments(database, giveNumbers(), options.now()));
    let baseUrl = '';
    const wusp = wuspServer(options, database, catalogue, () => baseUrl);
    const server = await listenEither(createHandler(wusp, contentFolder), identity, options.port);
    baseUrl = `${identity === null ? 'http' : 'https'}://${hostName}:${server.port}`;
    return {
      port: server.port,
      baseUrl,
      served: countServed(catalogue),
      setAside,
      missingFiles,
      unreachable: unreachableIn(catalogue),
      async close() {
        await server.close();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function listenEither(
  handler: Handler,
  identity: ServerIdentity | null,
  port: number,
): Promise<ListeningServer> {
  return identity === null ? listenPlain(handler, port) : listen(handler, identity, port);
}

function createHandler(wusp: WuspServer, contentFolder: string): Handler {
  return async (request, response) => {
    const { pathname } = addressOf(request);
    if (isWuspPath(pathname)) await answerWusp(wusp, pathname, request, response);
    else await sendFile(contentFileOf(contentFolder, pathname), request, response);
  };
}

function wuspServer(
  { hostName, now, onFault }: UpdateServicesOptions,
  database: LabDatabase,
  catalogue: ServedCatalogue,
  contentBase: () => string,
): WuspServer {
  const computers = openComputers(database);
  const own = ownSettings(database, now());
  return {
    serverName: hostName,
    get contentBase() {
      return contentBase();
    },
    configuredAt: own.configuredAt,
    cookies: createCookies(Buffer.from(own.cookieKey, 'base64')),
    now,
    onFault,
    catalogue: () => catalogue,
    register: (...computer) => computers.register(...computer),
    record: (events) => computers.record(events),
    toldUntil: (clientId) => computers.toldUntil(clientId),
    told: (session) => computers.told(session),
  };
}

/** Made once: a cookie and a configuration outlive a restart. */
function ownSettings(
  database: LabDatabase,
  now: Date,
): { readonly cookieKey: string; readonly configuredAt: string } {
  const fresh = { cookieKey: randomBytes(32).toString('base64'), configuredAt: now.toISOString() };
  database
    .prepare("insert or ignore into documents (name, json) values ('update services', ?)")
    .run(JSON.stringify(fresh));
  const { json } = database.prepare("select json from documents where name = 'update services'").get() as {
    readonly json: string;
  };
  return JSON.parse(json) as typeof fresh;
}

function countServed({ updates }: ServedCatalogue): UpdateServices['served'] {
  const drivers = updates.filter(({ drivers: entries }) => entries !== undefined).length;
  const categories = updates.filter(({ action }) => action === 'Evaluate').length;
  return { categories, software: updates.length - drivers - categories, drivers };
}

/** Also what only waits for something that nobody gets. */
function unreachableIn({ updates }: ServedCatalogue): UpdateServices['unreachable'] {
  const reached = new Set<string>();
  const unmet = ({ prerequisites }: ServedUpdate) =>
    prerequisites.find((clause) => !clause.some((id) => reached.has(id)));
  for (let before = -1; before < reached.size; ) {
    before = reached.size;
    for (const update of updates) if (unmet(update) === undefined) reached.add(update.updateId);
  }
  return updates.flatMap((update) => {
    const clause = unmet(update);
    return clause === undefined ? [] : [{ updateId: update.updateId, missing: clause.join(' or ') }];
  });
}
