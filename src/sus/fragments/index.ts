export { coreFragment } from './core.js';
export { extendedFragment } from './extended.js';
export { eulaFragments, type LanguageFragment, localizedFragments } from './localized.js';
