import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Computers, openComputers } from './computers.js';
import { openDatabase } from './database.js';
import { keepDeployments } from './deployments.js';
import type { SoftwareUpdatePointOptions } from './options.js';
import { servedCategory, servedUpdate } from './served.js';
import { freshWorkFolder, openState, type SupState } from './state.js';
import { createCatalogue, type ServedCatalogue, type ServedUpdate } from './wusp/catalogue.js';

/** The server's memory, its folders and what clients are told of it, shared by its parts. */
export interface World {
  readonly options: SoftwareUpdatePointOptions;
  readonly state: SupState;
  readonly workFolder: string;
  readonly contentFolder: string;
  readonly computers: Computers;
  /** Saves the state; what clients are told follows it. */
  commit(): void;
  catalogue(): ServedCatalogue;
  close(): void;
  /** Runs one change after the other. */
  exclusive<T>(body: () => Promise<T>): Promise<T>;
}

export function openWorld(options: SoftwareUpdatePointOptions): World {
  const database = openDatabase(options.folder);
  const stored = openState(database, options.catalogUrl, options.now());
  const contentFolder = join(options.folder, 'content');
  // The share WsusContent is there from the server's first day.
  mkdirSync(contentFolder, { recursive: true });
  let catalogue: ServedCatalogue | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return {
    options,
    state: stored.state,
    workFolder: freshWorkFolder(options.folder),
    contentFolder,
    computers: openComputers(database),
    commit() {
      stored.save();
      catalogue = null;
    },
    catalogue() {
      catalogue ??= createCatalogue(keepDeployments(database, servedUpdates(stored.state), options.now()));
      return catalogue;
    },
    close: () => database.close(),
    exclusive(body) {
      const turn = last.then(body, body);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/** Expired updates are not offered; superseded ones are, until the site has declined them. */
function servedUpdates(state: SupState): readonly ServedUpdate[] {
  const updates = Object.values(state.updates).filter(
    ({ packageId, isExpired, isDeclined }) =>
      !isExpired && !isDeclined && state.site[packageId]?.isDeclined !== true,
  );
  return [
    ...Object.values(state.categories).map((category) => servedCategory(category)),
    ...updates.map((update) => servedUpdate(update, state)),
  ];
}
