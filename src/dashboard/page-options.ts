import type { Log } from '../core/ports.js';
import type { Operations } from '../operations/operations.js';

export interface PageOptions {
  readonly operations: Operations;
  readonly log: Log;
  readonly now: () => Date;
}
