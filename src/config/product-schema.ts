import { z } from 'zod';
import { addressOf } from '../core/address-template.js';
import { PermanentError } from '../core/errors.js';
import {
  type ArpDetection,
  type EvidenceKind,
  type InstallerDefinition,
  type ProductDefinition,
  variantOf,
} from '../core/product.js';
import { highestTier } from '../core/tier.js';
import { compilePattern } from '../text/pattern.js';
import { Line, TextMatchSchema } from './text-match.js';

const WebAddress = z.url({ protocol: /^https?$/ }).max(2000);
/** The winget-style identifier; it is also the file's place. */
export const ProductId = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9+_&-]+(\.[A-Za-z0-9+_&-]+)+$/, 'must be Vendor.Product of letters, digits and +_&-');

const FeedSchema = z.looseObject({
  type: z.string().regex(/^[a-z0-9-]{1,50}$/, 'must name a folder of src/feeds'),
});

const Guid = z
  .string()
  .regex(/^\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$/, 'must be a GUID in braces');

const DetectionSchema = z.strictObject({
  view: z.exactOptional(z.enum(['64', '32'])),
  displayName: z.exactOptional(TextMatchSchema),
  key: z.exactOptional(Line.regex(/^[^\\]*$/, 'must be the name of one key')),
  publisher: z.exactOptional(Line),
  productCode: z.exactOptional(Guid),
  upgradeCode: z.exactOptional(Guid),
  windowsInstaller: z.boolean(),
  displayVersion: z.enum(['release', 'installer']),
  evidence: z.enum(['stated', 'msi-tables', 'inno-header', 'burn-manifest', 'inventory', 'inferred']),
});

const ReturnCodeSchema = z.strictObject({
  code: z
    .int()
    .min(-(2 ** 31))
    .max(2 ** 31 - 1),
  result: z.enum(['Succeeded', 'Failed', 'Cancelled']),
  reboot: z.boolean(),
});

const InstallerSchema = z
  .strictObject({
    architecture: z.enum(['x86', 'x64', 'arm64']),
    technology: z.enum(['msi', 'nullsoft', 'inno', 'burn', 'exe']),
    scope: z.literal('machine'),
    language: z.exactOptional(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a BCP 47 tag')),
    assetPattern: z.exactOptional(z.string().min(1).superRefine(refusing(compilePattern))),
    urlTemplate: z.exactOptional(z.string().max(2000).superRefine(refusing(checkTemplate))),
    arguments: z
      .string()
      .max(1000)
      .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must be printable'),
    returnCodes: z.array(ReturnCodeSchema).max(100),
    detection: z.exactOptional(DetectionSchema),
  })
  .superRefine((installer, context) => {
    for (const [member, message] of contradictions(installer))
      context.addIssue({ code: 'custom', path: [member], message });
  });

const ProductSchema = z
  .strictObject({
    /** For editors. */
    $schema: z.exactOptional(z.string()),
    id: ProductId,
    name: Line.max(150),
    vendor: Line.max(150),
    tier: z.enum(['A', 'B', 'C']),
    moniker: z.exactOptional(Line),
    license: z.exactOptional(Line),
    homepage: z.exactOptional(WebAddress),
    releaseNotesUrl: z.exactOptional(WebAddress),
    supportUrl: z.exactOptional(WebAddress),
    versionScheme: z.string().regex(/^[a-z0-9-]{1,50}$/, 'must name a file of src/core/versions'),
    classification: z.enum([
      'Updates',
      'Critical Updates',
      'Security Updates',
      'Feature Packs',
      'Update Rollups',
      'Service Packs',
      'Tools',
    ]),
    severity: z.exactOptional(z.enum(['Critical', 'Important', 'Moderate', 'Low'])),
    automation: z.exactOptional(z.literal('forbidden')),
    retired: z.exactOptional(z.literal(true)),
    signer: z.exactOptional(z.strictObject({ subject: TextMatchSchema })),
    cpe: z.exactOptional(z.array(z.string().regex(/^cpe:2\.3:[aho]:/, 'must be a CPE 2.3 prefix')).max(10)),
    lacks: z.exactOptional(z.array(Line).max(20)),
    feeds: z.array(FeedSchema).max(10),
    installers: z.array(InstallerSchema).max(50),
  })
  .superRefine((product, context) => {
    const { installers } = product;
    for (const index of withoutAddress(product)) {
      const path = ['installers', index, 'assetPattern'];
      context.addIssue({ code: 'custom', path, message: 'must be there, or urlTemplate' });
    }
    const { tier, lacks } = highestTier(product);
    if (product.tier < tier) {
      const lacking = product.tier === 'A' ? [...lacks.B, ...lacks.A] : lacks.B;
      const message = `can be ${tier} at most: it lacks ${lacking.join('; ')}`;
      context.addIssue({ code: 'custom', path: ['tier'], message });
    }
    const variants = installers.map(variantOf);
    const twice = variants.findIndex((variant, index) => variants.indexOf(variant) !== index);
    if (twice >= 0)
      context.addIssue({
        code: 'custom',
        path: ['installers', twice],
        message: 'must be the only one of its variant',
      });
  });

/** The schema of a product's file, without what an editor adds. */
export const ProductFile = ProductSchema.transform(
  ({ $schema: _, ...product }): ProductDefinition => product,
);

/** For editors: `catalogs/product.schema.json`. */
export function productJsonSchema(): unknown {
  return z.toJSONSchema(ProductSchema, { io: 'input' });
}

/** Properties, as WSUS hands them to Windows Installer; never a switch (configmgr-catalog 3.1). */
const PROPERTIES = /^(?:[A-Za-z_][A-Za-z0-9_.]*=(?:"[^"]*"|[^\s"]*)(?:\s+|$))*$/;

/** What is known only is not fetched. */
function withoutAddress({ tier, installers }: ProductDefinition): readonly number[] {
  if (tier === 'C') return [];
  return installers.flatMap(({ assetPattern, urlTemplate }, index) =>
    assetPattern === undefined && urlTemplate === undefined ? [index] : [],
  );
}

/** What each member may be, and the members say together something that cannot be. */
function contradictions(installer: InstallerDefinition): readonly (readonly [string, string])[] {
  const { technology, returnCodes, detection } = installer;
  const isMsi = technology === 'msi';
  const codes = new Set(returnCodes.map(({ code }) => code));
  const faults: readonly (readonly [boolean, string, string])[] = [
    [isMsi && !PROPERTIES.test(installer.arguments), 'arguments', 'must be NAME=VALUE properties for an MSI'],
    [!isMsi && installer.arguments.trim() === '', 'arguments', 'must make an EXE silent'],
    [
      isMsi && returnCodes.length > 0,
      'returnCodes',
      'must be empty for an MSI: Windows Installer has its own',
    ],
    [
      !isMsi && !returnCodes.some(({ result }) => result === 'Succeeded'),
      'returnCodes',
      'must name a code that means Succeeded: all others fail',
    ],
    [codes.size < returnCodes.length, 'returnCodes', 'must name each code once'],
    ...(detection === undefined ? [] : detectionFaults(technology, detection)),
  ];
  return faults.flatMap(([wrong, member, message]) => (wrong ? [[member, message] as const] : []));
}

/** What proves it must be able to, and only Windows Installer writes entries of Windows Installer. */
function detectionFaults(
  technology: InstallerDefinition['technology'],
  detection: ArpDetection,
): readonly (readonly [boolean, string, string])[] {
  const { evidence, windowsInstaller, displayVersion, upgradeCode, displayName, key } = detection;
  const isMsi = technology === 'msi';
  const proves = PROVEN_BY[evidence];
  const isSilent = technology === 'nullsoft' || technology === 'exe';
  return [
    [
      proves !== undefined && proves !== technology,
      'detection',
      `must not be of evidence ${evidence}: only a file of ${proves ?? ''} has it`,
    ],
    [isMsi && !windowsInstaller, 'detection', 'must be of Windows Installer for an MSI'],
    [
      !isMsi && technology !== 'exe' && windowsInstaller,
      'detection',
      'must not be of Windows Installer here',
    ],
    [
      isSilent && displayVersion !== 'release',
      'detection',
      'must be the release version: the file does not tell',
    ],
    [!isMsi && upgradeCode !== undefined, 'detection', 'has an upgradeCode, which only an MSI has'],
    [isSilent && displayName === undefined && key === undefined, 'detection', 'needs displayName or key'],
  ];
}

const PROVEN_BY: Readonly<Record<EvidenceKind, InstallerDefinition['technology'] | undefined>> = {
  stated: undefined,
  'msi-tables': 'msi',
  'inno-header': 'inno',
  'burn-manifest': 'burn',
  inventory: undefined,
  inferred: undefined,
};

/** Https at a fixed host; a version fills in the path only. */
function checkTemplate(template: string): void {
  const filled = addressOf(template, '1.2.3.4');
  if (/^https:\/\/[a-z0-9.-]+(?::\d+)?\//i.test(template) && URL.canParse(filled)) return;
  throw new PermanentError('definition.invalid', 'must be an https address at a fixed host');
}

function refusing(check: (text: string) => unknown) {
  return (text: string, context: z.RefinementCtx): void => {
    try {
      check(text);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      const { message, expected, found } = error;
      const details = expected === undefined ? '' : ` (expected ${expected}, found ${found ?? 'nothing'})`;
      context.addIssue({ code: 'custom', message: `${message}${details}` });
    }
  };
}
