export { MSI_CLSID, MSP_CLSID, type MsiDatabase, readMsi } from './database.js';
export type { MsiSummary } from './summary.js';
export type { MsiColumn, MsiRow, MsiValue } from './tables.js';
