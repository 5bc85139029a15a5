import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { replaceFile } from '../software-update-point/state.js';
import { type Fixtures, missing } from './fixtures.js';

/** Which vendors have released their next version. */
export interface Releases {
  has(productId: string): boolean;
  all(): readonly string[];
  add(productId: string): void;
}

const State = z.strictObject({ released: z.array(z.string()) });

/** Reads what a run before released; what is written is whole or not there. */
export function openReleases(fixtures: Fixtures, stateFile?: string): Releases {
  const isKnown = stateFile !== undefined && existsSync(stateFile);
  const released = new Set(isKnown ? State.parse(JSON.parse(readFileSync(stateFile, 'utf8'))).released : []);
  return {
    has: (productId) => released.has(productId),
    all: () => [...released].sort(),
    add(productId) {
      if (released.has(productId)) return;
      if (!fixtures.shipped.some((one) => one.productId === productId && one.stage === 'next')) {
        throw missing(`a next version of ${productId}`);
      }
      if (stateFile !== undefined) {
        replaceFile(stateFile, JSON.stringify({ released: [...released, productId].sort() }));
      }
      released.add(productId);
    },
  };
}
