import type { Clock } from '../core/ports.js';
import type { Stage } from '../core/stage.js';
import { createSiteSyncs } from './configuration-manager/syncs.js';
import { type DeliverDeps, deliver } from './deliver.js';
import { type FlushDeps, flush } from './flush.js';
import { type FollowDeps, follow } from './follow.js';
import { keyOf, type PublishingInput, parseInput } from './jobs.js';
import { type MirrorDeps, mirror } from './mirror.js';
import { promote } from './promote.js';
import { type PromoteRequiredDeps, promoteRequired } from './promote-required.js';
import { type PublishDeps, publish } from './publish.js';
import { repair } from './repair.js';
import { resign } from './resign.js';
import { withdraw } from './withdraw.js';

export interface PublishingDeps
  extends FlushDeps,
    MirrorDeps,
    DeliverDeps,
    PublishDeps,
    PromoteRequiredDeps,
    Omit<FollowDeps, 'syncs'> {
  readonly clock: Clock;
}

/** Stage 5: an update is wanted, joins the next revision of the catalog or is delivered by itself, and is followed through the site to the CMG. */
export function createPublishingStage(deps: PublishingDeps): Stage<PublishingInput> {
  const syncs = deps.site === null ? null : createSiteSyncs(deps.site, deps.clock);
  return {
    name: 'publishing',
    parse: parseInput,
    key: keyOf,
    subject: () => null,
    async run(input, context) {
      switch (input.kind) {
        case 'publish':
          return publish(deps, input, context);
        case 'flush':
          return flush(deps, context);
        case 'mirror':
          return mirror(deps, context);
        case 'deliver':
          return deliver(deps, input, context);
        case 'follow':
          return follow({ ...deps, syncs }, input, context);
        case 'withdraw':
          return withdraw({ ...deps, syncs }, input, context);
        case 'promote':
          return promote(deps, input, context);
        case 'promote-required':
          return promoteRequired(deps, context);
        case 'resign':
          return resign(deps, input, context);
        case 'repair':
          return repair({ ...deps, syncs }, input, context);
      }
    },
  };
}
