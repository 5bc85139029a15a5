export { checkSchema } from './check.js';
