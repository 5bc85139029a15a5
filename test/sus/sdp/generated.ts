import fc from 'fast-check';
import type { Rule } from '../../../src/core/applicability.js';
import type { MsiPatchMetadata, MsiPatchTarget } from '../../../src/core/msi-patch.js';
import type {
  InstallableItem,
  InstallBehavior,
  InstallHandler,
  SoftwareDistributionPackage,
} from '../../../src/core/update.js';
import { TYPES, type Check } from '../../../src/sus/rules/checks.js';
import { type AttributeGrammar, GRAMMAR } from '../../../src/sus/rules/grammar.js';

/** Markup, blanks, and characters of one, two and more units. */
const CHARACTER = fc.constantFrom(...'aB9.<>&"\'] \t\näß日', '\u{1F4E6}', '\u{10FFFD}');
const text = (minLength: number, maxLength: number) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: CHARACTER, minLength, maxLength: Math.min(maxLength, 30) }) },
    { weight: 1, arbitrary: fc.constantFrom('x', '\u{1F4E6}').map((one) => one.repeat(maxLength)) },
  );
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 });
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const fileName = fc
  .string({ unit: fc.constantFrom(...'aZ0 -_日'), maxLength: 20 })
  .map((stem) => `${stem}a.exe`);
const guid = fc.uuid();
const braced = guid.map((id) => `{${id.toUpperCase()}}`);
const guids = fc.uniqueArray(guid, { maxLength: 4 });
const whole = (min: number, max: number) => fc.integer({ min, max });
const part = whole(0, 99_999);
const version = (minLength: number, maxLength: number) =>
  fc.array(part, { minLength, maxLength }).map((parts) => parts.join('.'));
const date = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
const instant = date.map((one) => `${one.toISOString().slice(0, 19)}Z`);
const language = fc.constantFrom('en', 'de-DE', 'zh-Hans-CN', 'sr-Latn', 'ja');
const languages = fc.uniqueArray(language, { maxLength: 3 });
const url = fc
  .tuple(fc.constantFrom('https://a.example/', 'https://b.example:8443/x?a=1&b='), whole(0, 1900))
  .map(([base, size]) => base + 'y'.repeat(size));
const base64 = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('base64'));
const INT = [-2_147_483_648, 2_147_483_647] as const;

const VALUES = new Map<Check, fc.Arbitrary<string | number | boolean>>([
  [TYPES.version4, version(4, 4)],
  [TYPES.msiVersion, version(1, 4)],
  [TYPES.bool, fc.boolean()],
  [TYPES.ushort, whole(0, 65_535)],
  [TYPES.uint, whole(0, 4_294_967_295)],
  [TYPES.int, whole(...INT)],
  [TYPES.long, whole(0, Number.MAX_SAFE_INTEGER)],
  [TYPES.language, language],
  [TYPES.date, instant],
  [TYPES.bracedGuid, braced],
  [TYPES.scalar, fc.constantFrom('LessThan', 'EqualTo', 'GreaterThanOrEqualTo')],
  [TYPES.text, fc.constantFrom('EqualTo', 'BeginsWith', 'Contains', 'EndsWith')],
  [TYPES.any, text(0, 300)],
]);

/** By the type; a text or a list of words by what its check takes. */
function wordFor({ check, name }: AttributeGrammar): fc.Arbitrary<unknown> {
  if (name === 'Key') return fc.constant('HKEY_LOCAL_MACHINE');
  const typed = VALUES.get(check);
  if (typed !== undefined) return typed;
  const words = (check('\u0001'.repeat(70_000)) ?? '').split(' | ');
  return words.length > 1 ? fc.constantFrom(...words) : text(1, 200).filter((one) => check(one) === null);
}

function membersOf(kind: keyof typeof GRAMMAR): fc.Arbitrary<Record<string, unknown>> {
  const { attributes, content } = GRAMMAR[kind];
  const lists = typeof content === 'string' ? [] : content;
  const optional = attributes.filter(({ required, missing }) => !required && missing === undefined);
  const members = Object.fromEntries([
    ...attributes.map((one) => [one.member, one.missing === null ? maybe(wordFor(one)) : wordFor(one)]),
    ...lists.map(({ member, check }) => [member, some(VALUES.get(check) ?? text(1, 30))]),
  ]);
  const required = Object.keys(members).filter((name) => optional.every(({ member }) => member !== name));
  return fc.record(members, { requiredKeys: required });
}

const KINDS = Object.keys(GRAMMAR).filter((kind): kind is keyof typeof GRAMMAR => kind in GRAMMAR);
const NEEDS_METADATA = /^Msi(?:Patch|Application)(?:Installed|Superseded|Installable)$/;
const leaves = KINDS.filter(
  (kind) => typeof GRAMMAR[kind].content !== 'string' || GRAMMAR[kind].content === 'none',
)
  .filter((kind) => !NEEDS_METADATA.test(kind))
  .map((kind) => membersOf(kind).map((members) => ({ kind, ...members }) as unknown as Rule));

const rule: fc.Arbitrary<Rule> = fc.letrec<{ rule: Rule }>((tie) => {
  const inner = tie('rule');
  return {
    rule: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(...leaves),
      fc.record({ kind: fc.constantFrom('And', 'Or'), rules: some(inner) }),
      fc.record({ kind: fc.constant('Not'), rule: inner }),
      fc
        .tuple(membersOf('RegKeyLoop'), inner)
        .map(([members, one]) => ({ kind: 'RegKeyLoop', ...members, rule: one }) as unknown as Rule),
    ),
  };
}).rule;

const checked = <T>(value: fc.Arbitrary<T>) => fc.record({ value, validate: maybe(fc.boolean()) });
const target: fc.Arbitrary<MsiPatchTarget> = fc.record({
  minMsiVersion: maybe(whole(...INT)),
  productCode: checked(braced),
  updatedProductCode: maybe(braced),
  version: fc.record({
    value: version(1, 4),
    validate: maybe(fc.boolean()),
    comparison: maybe(fc.constantFrom('LessThan', 'Equal', 'GreaterThanOrEqual', 'None')),
    filter: maybe(fc.constantFrom('Major', 'MajorMinor', 'MajorMinorUpdate', 'None')),
  }),
  updatedVersion: maybe(version(1, 4)),
  language: checked(whole(...INT)),
  updatedLanguages: fc.array(whole(0, 65_535), { maxLength: 3 }),
  upgradeCode: checked(braced),
});
const patch: fc.Arbitrary<MsiPatchMetadata> = fc.record({
  kind: fc.constant('MsiPatchMetadata'),
  schemaVersion: maybe(version(1, 4)),
  patchCode: maybe(braced),
  minMsiVersion: maybe(whole(...INT)),
  targetsRtm: maybe(fc.boolean()),
  targets: some(target),
  targetProductCodes: some(braced),
  obsoletedPatches: fc.array(braced, { maxLength: 2 }),
  sequences: fc.array(
    fc.record({
      family: text(1, 60),
      productCode: maybe(braced),
      sequence: version(1, 4),
      attributes: maybe(whole(...INT)),
    }),
    { maxLength: 2 },
  ),
  fallbackPatchCode: maybe(braced),
});

const behavior: fc.Arbitrary<InstallBehavior> = fc.record({
  canRequestUserInput: fc.boolean(),
  requiresNetworkConnectivity: fc.boolean(),
  impact: fc.constantFrom('Normal', 'Minor', 'RequiresExclusiveHandling'),
  rebootBehavior: fc.constantFrom('NeverReboots', 'AlwaysRequiresReboot', 'CanRequestReboot'),
});
const result = fc.constantFrom('Failed', 'Succeeded', 'Cancelled');
const described = fc.record({ languages: some(language), description: text(1, 1500) });
const returnCode = fc
  .tuple(fc.record({ code: whole(...INT), result, reboot: fc.boolean() }), maybe(some(described)))
  .map(([code, descriptions]) => (descriptions === null ? code : { ...code, descriptions }));
const repairPath = fc.record({
  targetId: braced,
  targetType: fc.constantFrom('MsiProduct', 'MsiPatch'),
  relativePathToExe: text(0, 100),
});
const line = maybe(fc.constantFrom('REBOOT=ReallySuppress', 'A="b c" D_1.x=<&>'));

function handlers(file: string): fc.Arbitrary<InstallHandler> {
  const command = fc.record({
    kind: fc.constant('CommandLineInstallerData'),
    program: fc.constant(file),
    arguments: text(0, 500),
    defaultResult: result,
    rebootByDefault: fc.boolean(),
    returnCodes: fc.uniqueArray(returnCode, { maxLength: 3, selector: ({ code }) => code }),
  });
  const lines = { commandLine: line, uninstallCommandLine: line };
  return fc.oneof<fc.Arbitrary<InstallHandler>[]>(
    command,
    fc.tuple(command, some(repairPath)).map(([one, repairPaths]) => ({ ...one, repairPaths })),
    fc.record({
      ...lines,
      kind: fc.constant('MsiInstallerData'),
      msiFile: fc.constant(file),
      productCode: braced,
    }),
    fc.record({
      ...lines,
      kind: fc.constant('MspInstallerData'),
      mspFileName: maybe(fc.constant(file)),
      patchCode: maybe(braced),
      fullFilePatchCode: maybe(braced),
    }),
  );
}

const rules: fc.Arbitrary<InstallableItem['applicabilityRules']> = fc.oneof(
  fc.record({ isInstalled: rule, isSuperseded: maybe(rule), isInstallable: rule }),
  patch.map((metadata): InstallableItem['applicabilityRules'] => ({
    isInstalled: { kind: 'MsiPatchInstalled' },
    isSuperseded: { kind: 'MsiPatchSuperseded' },
    isInstallable: { kind: 'MsiPatchInstallable' },
    metadata: [metadata],
  })),
  braced.map((productCode): InstallableItem['applicabilityRules'] => ({
    isInstalled: { kind: 'MsiApplicationInstalled' },
    isSuperseded: { kind: 'MsiApplicationSuperseded' },
    isInstallable: { kind: 'MsiApplicationInstallable' },
    metadata: [{ kind: 'MsiApplicationMetadata', productCode }],
  })),
);

const item: fc.Arbitrary<InstallableItem> = fileName.chain((file) =>
  fc.record({
    id: guid,
    applicabilityRules: rules,
    installProperties: maybe(behavior),
    uninstallProperties: maybe(behavior),
    handler: handlers(file),
    originFile: fc.record({
      digest: base64(20),
      fileName: fc.constant(file),
      sizeBytes: whole(1, Number.MAX_SAFE_INTEGER),
      modified: instant,
      originUri: url,
      sha256: base64(32),
    }),
    languages,
  }),
);

/** A package with all that may be written: items or bundled packages, texts, relations, rules of every kind. */
export const generatedPackage: fc.Arbitrary<SoftwareDistributionPackage> = fc.record({
  schemaVersion: version(2, 2),
  properties: fc.record({
    packageId: guid,
    creationDate: instant,
    vendorName: text(1, 200),
    productNames: some(text(1, 200)).map((names) => [
      ...new Map(names.map((n) => [n.toLowerCase(), n])).values(),
    ]),
    publicationState: fc.constantFrom('Published', 'Expired'),
    updateType: fc.constant('Software'),
    moreInfoUrls: fc.array(url, { maxLength: 3 }),
    supportUrl: maybe(url),
    canSourceBeRequired: maybe(fc.boolean()),
    restrictToClientServicingApi: maybe(fc.boolean()),
  }),
  localizedProperties: fc.uniqueArray(
    fc.record({ language, title: text(1, 200), description: text(1, 1500) }),
    { minLength: 1, maxLength: 4, selector: (texts) => texts.language },
  ),
  updateSpecificData: fc.record({
    classification: fc.constantFrom(
      'Updates',
      'Security Updates',
      'Critical Updates',
      'Feature Packs',
      'Tools',
    ),
    msrcSeverity: maybe(fc.constantFrom('Critical', 'Important', 'Moderate', 'Low')),
    securityBulletinId: maybe(text(1, 15)),
    cveIds: fc
      .uniqueArray(whole(1, 99_999), { maxLength: 5 })
      .map((ids) => ids.map((id) => `CVE-2026-${id}`)),
    kbArticleId: maybe(text(1, 15)),
  }),
  isInstallable: maybe(rule),
  isInstalled: maybe(rule),
  supersededPackages: guids,
  prerequisites: fc.array(fc.uniqueArray(guid, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
  ...{ bundledPackages: fc.constant([]), installableItems: some(item) },
});

export const generatedBundle = fc
  .tuple(generatedPackage, fc.uniqueArray(guid, { minLength: 1, maxLength: 4 }))
  .map(([pkg, bundledPackages]) => ({ ...pkg, bundledPackages, installableItems: [] }));
