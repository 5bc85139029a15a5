export { coreFragment } from './core.js';
export { extendedFragment } from './extended.js';
export { localizedFragments } from './localized.js';
