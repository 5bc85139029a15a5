import { PermanentError } from '../../../core/errors.js';
import type { UpdateGroup } from '../../software-update-point/bridge.js';
import type { DeploymentCmdlets } from './cmdlets.js';

/** "Limit of 1000 software updates in a deployment" (capacity planning for software updates). */
const MOST_UPDATES = 1000;
/** A hundred full groups are no sign of health. */
const MOST_GROUPS = 100;

export interface NamedGroup extends UpdateGroup {
  readonly name: string;
}

/** Our update groups, by one name and a number. Errors of the cmdlets. */
export interface UpdateGroups {
  /** Null: none of them has the update. */
  holding(ciId: number): Promise<NamedGroup | null>;
  /** To the first one that has room; PermanentError `target.refused` where the site then does not show it there. */
  add(ciId: number): Promise<void>;
  /** From whichever has them; throws as `add` does. */
  remove(ciIds: readonly number[]): Promise<void>;
}

export function createUpdateGroups(cmdlets: DeploymentCmdlets, baseName: string): UpdateGroups {
  async function* standing(): AsyncGenerator<NamedGroup> {
    for (let number = 1; number <= MOST_GROUPS; number += 1) {
      const name = nameOf(baseName, number);
      const group = await cmdlets.updateGroup(name);
      if (group === null) return;
      yield { name, ...group };
    }
  }
  return {
    async holding(ciId) {
      for await (const group of standing()) if (group.ciIds.includes(ciId)) return group;
      return null;
    },
    async add(ciId) {
      let number = 1;
      for await (const group of standing()) {
        if (group.ciIds.length < MOST_UPDATES) break;
        number += 1;
      }
      const name = nameOf(baseName, number);
      const group = await cmdlets.addToUpdateGroup(name, ciId);
      if (group?.ciIds.includes(ciId) !== true) throw notDone(name, `update ${ciId} in it`);
    },
    async remove(ciIds) {
      for await (const { name, ciIds: there } of standing()) {
        const gone = ciIds.filter((ciId) => there.includes(ciId));
        if (gone.length === 0) continue;
        const left = (await cmdlets.removeFromUpdateGroup(name, gone))?.ciIds ?? [];
        if (gone.some((ciId) => left.includes(ciId)))
          throw notDone(name, `updates ${gone.join(', ')} removed`);
      }
    },
  };
}

function nameOf(baseName: string, number: number): string {
  return number === 1 ? baseName : `${baseName} ${number}`;
}

function notDone(where: string, expected: string): PermanentError {
  return new PermanentError('target.refused', 'the update group is not what it was to be', {
    where,
    expected,
    found: 'it is as before',
    nextStep: 'look who else edits the group, and whether the account of the bridge may',
  });
}
