import type { Clock } from '../../core/ports.js';
import type { ComplianceCounts } from '../../core/records.js';
import type { SiteReader } from '../device/read.js';
import type { SiteAnswer, SiteCanary } from '../site-canary.js';
import { judgeCompliance } from './judge.js';
import { readCompliance } from './read.js';

/**
 * Proven where, in a collection of canary computers, fewer need the update than once did and more have it: what a site
 * without `canary.ps1` can tell. It knows nothing of the way, so the collection must hold computers behind the gateway
 * alone. Errors of `readCompliance`.
 */
export function createComplianceCanary(deps: {
  readonly site: SiteReader;
  /** `XYZ00012`. */
  readonly collectionId: string;
  readonly clock: Clock;
}): SiteCanary {
  const { site, collectionId, clock } = deps;
  return {
    proof: 'compliance',
    async verify({ packageId }, earlier) {
      const read = await readCompliance(site, collectionId, packageId.toLowerCase());
      if (read === null) return NOT_AT_SITE;
      if (read.members === 0) return emptyCollection(collectionId);
      const { members, required, installed } = read;
      const now = { at: clock.now().toISOString(), required, installed };
      const { isProven, isContrary, mostRequired } = judgeCompliance(now, earlier);
      const seen = `of ${members} computers in ${collectionId} ${describe(now)}`;
      const before = earlier === null ? '' : `; at ${earlier.at} ${describe(earlier)}`;
      if (isProven) return { summary: `${seen}${before}`, mostRequired };
      return {
        reason: `not verified yet: ${seen}${before}`,
        nextStep: nextStepFor(now, collectionId),
        mostRequired,
        ...(isContrary ? { isContrary } : {}),
      };
    },
  };
}

function describe({ required, installed }: ComplianceCounts): string {
  return `${required} need it and ${installed} have it`;
}

const NOT_AT_SITE: SiteAnswer = {
  reason: 'not verified yet: the site has no such update',
  nextStep: 'look at the last synchronization of the software update point (wsyncmgr.log)',
};

function emptyCollection(collectionId: string): SiteAnswer {
  return {
    reason: `not verified yet: the collection ${collectionId} has no computers`,
    nextStep: 'put computers behind the gateway into it, or correct site.canaryCollection',
  };
}

function nextStepFor({ required, installed }: ComplianceCounts, collectionId: string): string {
  if (required > 0) return `deploy the update to ${collectionId}, and let its computers report`;
  return installed > 0
    ? 'only a computer that still needs it can prove it: put one with an older version into the collection'
    : 'let its computers scan for updates: none has told the site that it needs or has it';
}
