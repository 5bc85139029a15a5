import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { PermanentError } from '../../../core/errors.js';
import type { Handshake } from '../../../verification/wusp/session.js';
import type { UpdateCache } from '../../../verification/wusp/sync.js';

const StateFile = z.strictObject({
  version: z.literal(1),
  base: z.string(),
  clientId: z.guid(),
  handshake: z.strictObject({
    lastChange: z.string(),
    maxExtendedUpdates: z.int().min(1).max(50),
    isRegistrationRequired: z.boolean(),
    cookie: z.strictObject({ expiration: z.string(), encryptedData: z.string() }),
  }),
  updates: z.array(
    z.strictObject({
      revisionId: z.int(),
      action: z.string(),
      isLeaf: z.boolean(),
      core: z.string(),
      isDriver: z.exactOptional(z.boolean()),
    }),
  ),
});

/** What a client remembers between two scans of one server. */
export interface ClientState {
  readonly clientId: string;
  /** Null: it has not shaken hands yet. */
  readonly handshake: Handshake | null;
  readonly cache: UpdateCache;
}

/**
 * A new client where there is no file, or where it is of another server. PermanentError `payload.invalid`, or
 * `configuration.invalid` where it could not be kept: a server must not be asked for what is then forgotten.
 */
export function loadState(path: string | null, base: string): ClientState {
  const fresh = { clientId: randomUUID(), handshake: null, cache: new Map() };
  const text = path === null ? null : keptText(path);
  if (path === null || text === null) return fresh;
  const state = parseState(text, path);
  if (state.base !== base) return { ...fresh, clientId: state.clientId };
  const cache: UpdateCache = new Map(state.updates.map((update) => [update.revisionId, update]));
  return { clientId: state.clientId, handshake: state.handshake, cache };
}

/** Takes the place of the file at once; readable by its owner alone, since it holds the cookie. */
export function saveState(
  path: string,
  { base, clientId, handshake, cache }: ClientState & { base: string; handshake: Handshake },
): void {
  const text = JSON.stringify({ version: 1, base, clientId, handshake, updates: [...cache.values()] });
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Null: there is none yet. */
function keptText(path: string): string | null {
  try {
    accessSync(dirname(path), constants.W_OK);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  } catch (cause) {
    throw new PermanentError('configuration.invalid', 'the state of a client cannot be kept there', {
      where: `--state ${path}`,
      expected: 'a file that --state has written, or none yet, in a folder that can be written to',
      found: String(cause),
      nextStep: 'name another file',
      cause,
    });
  }
}

function parseState(text: string, path: string): z.infer<typeof StateFile> {
  try {
    return StateFile.parse(JSON.parse(text));
  } catch (error) {
    throw new PermanentError('payload.invalid', 'the state of a client cannot be read', {
      where: path,
      expected: 'a file that --state has written',
      found: error instanceof z.ZodError ? z.prettifyError(error) : String(error),
      nextStep: 'remove it: the next scan is a full one',
      cause: error,
    });
  }
}
