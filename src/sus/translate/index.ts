export type { Category } from './category.js';
export { categoryUpdate } from './category.js';
export { mergePackageRules } from './merge.js';
export type { ServerFile, ServerItem, ServerProperties } from './server-properties.js';
export { serverUpdate } from './server-update.js';
export { translatePackage } from './update.js';
export type { UpdateServicesPackage } from './usp.js';
export { readUsp } from './usp.js';
