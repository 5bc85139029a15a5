import { z } from 'zod';
import { addressOf } from '../core/address-template.js';
import { PermanentError } from '../core/errors.js';
import { type InstallerDefinition, type ProductDefinition, variantOf } from '../core/product.js';
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

const DetectionSchema = z.strictObject({
  view: z.enum(['64', '32']),
  displayName: TextMatchSchema,
  publisher: z.exactOptional(Line),
  windowsInstaller: z.boolean(),
  displayVersion: z.enum(['release', 'msi-product-version']),
  evidence: z.enum(['stated', 'msi-tables', 'inno-header', 'inferred']),
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
    technology: z.enum(['msi', 'nullsoft', 'inno']),
    scope: z.literal('machine'),
    language: z.exactOptional(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a BCP 47 tag')),
    assetPattern: z.exactOptional(z.string().min(1).superRefine(refusing(compilePattern))),
    urlTemplate: z.exactOptional(z.string().max(2000).superRefine(refusing(checkTemplate))),
    arguments: z
      .string()
      .max(1000)
      .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must be printable'),
    returnCodes: z.array(ReturnCodeSchema).max(100),
    detection: DetectionSchema,
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
    feeds: z.array(FeedSchema).min(1).max(10),
    installers: z.array(InstallerSchema).min(1).max(50),
  })
  .superRefine(({ installers }, context) => {
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

/** What each member may be, and the members say together something that cannot be. */
function contradictions(installer: InstallerDefinition): readonly (readonly [string, string])[] {
  const { technology, assetPattern, urlTemplate, returnCodes, detection } = installer;
  const isMsi = technology === 'msi';
  const codes = new Set(returnCodes.map(({ code }) => code));
  const faults: readonly (readonly [boolean, string, string])[] = [
    [
      assetPattern === undefined && urlTemplate === undefined,
      'assetPattern',
      'must be there, or urlTemplate',
    ],
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
    [!isMsi && detection.evidence === 'msi-tables', 'detection', 'must be stated: an EXE has no MSI tables'],
    [
      technology !== 'inno' && detection.evidence === 'inno-header',
      'detection',
      'must be stated or of MSI tables: only Inno Setup has such a header',
    ],
    [!isMsi && detection.windowsInstaller, 'detection', 'must not be of Windows Installer for an EXE'],
    [isMsi && !detection.windowsInstaller, 'detection', 'must be of Windows Installer for an MSI'],
    [!isMsi && detection.displayVersion !== 'release', 'detection', 'must be the release version for an EXE'],
  ];
  return faults.flatMap(([wrong, member, message]) => (wrong ? [[member, message] as const] : []));
}

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
