import { PermanentError } from '../../core/errors.js';

/** What keeps an update from going on in the site, and what helps. */
export interface Obstacle {
  readonly reason: string;
  readonly nextStep: string;
}

/** The site's no to a call: told, and left to a person. */
export function isRefusal(error: unknown): boolean {
  return error instanceof PermanentError && error.code === 'target.refused';
}
