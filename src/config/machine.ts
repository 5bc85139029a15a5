import { z } from 'zod';
import { PermanentError } from '../core/errors.js';
import type { Machine } from '../core/machine.js';
import { decode } from './decode.js';

const Text = z.string().max(100_000);

const RegistryValue = z
  .strictObject({
    // BaseTypes.xsd, RegistryValueType.
    type: z.enum([
      'REG_SZ',
      'REG_EXPAND_SZ',
      'REG_MULTI_SZ',
      'REG_DWORD',
      'REG_QWORD',
      'REG_BINARY',
      'REG_FULL_RESOURCE_DESCRIPTOR',
    ]),
    value: z.union([Text, z.number(), z.array(Text)]),
  })
  .refine(
    ({ type, value }) => !/SZ$/.test(type) || typeof value !== 'number',
    'a text or a list of texts for this type',
  );
/** Keys of other hives may stand there, such as those of a copy for one user: no rule sees them. */
const Hive = z.record(
  z.string().regex(/^HK[A-Z_]+\\/i, 'keys begin with HKLM\\'),
  z.record(z.string(), RegistryValue),
);

const File = z.strictObject({
  path: z.string().min(1),
  version: z.exactOptional(Text),
  size: z.exactOptional(z.int().min(0)),
  modified: z.exactOptional(Text),
  created: z.exactOptional(Text),
  language: z.exactOptional(z.int()),
});

const MsiProduct = z.strictObject({
  productCode: z.string().min(1),
  upgradeCode: z.exactOptional(Text),
  version: Text,
  language: z.exactOptional(z.int()),
  features: z.exactOptional(z.array(Text)),
  components: z.exactOptional(z.array(Text)),
});

const Device = z.strictObject({
  hardwareIds: z.array(Text).min(1),
  compatibleIds: z.array(Text).default([]),
  driver: z.exactOptional(
    z.strictObject({
      date: z.iso.date(),
      version: z.string().regex(/^\d{1,5}(\.\d{1,5}){0,3}$/, 'up to four numbers'),
      matchingId: z.exactOptional(Text),
      class: z.exactOptional(Text),
      manufacturer: z.exactOptional(Text),
      provider: z.exactOptional(Text),
      model: z.exactOptional(Text),
      rank: z.int().default(0x00ff0000),
    }),
  ),
});

const MachineSchema = z.strictObject({
  os: z.strictObject({
    version: Text,
    productType: z.int().default(1),
    suiteMask: z.int().default(0),
    architecture: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['x86', 'x64', 'arm64'])),
    language: Text.default('en-US'),
    muiLanguages: z.array(Text).default([]),
    servicePack: z.exactOptional(Text),
  }),
  registry: z
    .strictObject({ '64': Hive.default({}), '32': Hive.default({}) })
    .default({ '64': {}, '32': {} }),
  files: z.array(File).default([]),
  msi: z
    .strictObject({
      products: z.array(MsiProduct).default([]),
      patches: z
        .array(z.object({ patchCode: z.string().min(1), productCode: z.exactOptional(Text) }))
        .default([]),
    })
    .default({ products: [], patches: [] }),
  wmi: z
    .array(z.strictObject({ namespace: Text.default('root\\cimv2'), query: Text, result: z.boolean() }))
    .default([]),
  processors: z.exactOptional(z.int().min(1)),
  hardware: z.exactOptional(
    z.strictObject({ computerIds: z.array(z.guid()).default([]), devices: z.array(Device) }),
  ),
});

/** A Windows machine as a file describes it. PermanentError `configuration.invalid` that names the member at fault. */
export function parseMachine(text: string, where: string): Machine {
  const fault = {
    code: 'configuration.invalid',
    message: 'the machine cannot be understood',
    where,
    nextStep: 'docs/metadata.md describes every member',
  } as const;
  return decode(MachineSchema, readJson(text, fault), fault);
}

function readJson(text: string, { code, message, where, nextStep }: Parameters<typeof decode>[2]): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new PermanentError(code, message, { where, expected: 'JSON', found, nextStep });
  }
}
