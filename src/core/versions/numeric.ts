import type { VersionScheme } from '../ports.js';
import { compareNumbers, dottedNumbers, fourParts } from './four-parts.js';
import { compareParts, orderKnown } from './order.js';

/** `26.02`, `151.0.7922.174`, `v1.2`: dotted numbers of any count. `1.2` and `1.2.0` are equal, and `26.02` is `26.2`. */
export const numeric: VersionScheme = {
  name: 'numeric',
  compare: orderKnown(dottedNumbers, (a, b) => compareParts(a, b, '0', compareNumbers)),
  isVersion: (text) => dottedNumbers(text) !== null,
  toFourParts: fourParts,
};
