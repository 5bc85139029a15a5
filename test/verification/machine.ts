import type { Machine } from '../../src/core/machine.js';

/** A Windows 11 with nothing on it. */
export const windows: Machine = {
  os: {
    version: '10.0.22631.1',
    productType: 1,
    suiteMask: 256,
    architecture: 'x64',
    language: 'en-US',
    muiLanguages: [],
  },
  registry: { '64': {}, '32': {} },
  files: [],
  msi: { products: [], patches: [] },
  wmi: [],
  processors: 4,
};
