import type { ApplicabilityMetadata, Rule } from '../../core/applicability.js';
import type { MsiPatchMetadata, MsiPatchTarget } from '../../core/msi-patch.js';
import { checkValue, type Finding, finding, type RuleName } from '../finding.js';
import { type Check, TYPES } from '../rules/checks.js';

type Groups = readonly (readonly [string, Rule | null])[];

/** The six MSI rules without attributes read what stands beside them. */
export function checkMetadata(
  metadata: readonly ApplicabilityMetadata[],
  groups: Groups,
  path: string,
): readonly Finding[] {
  const needed = [
    ...(asksOne(groups, /^MsiPatch(?!InstalledForProduct)/) ? ['MsiPatchMetadata'] : []),
    ...(asksOne(groups, /^MsiApplication/) ? ['MsiApplicationMetadata'] : []),
  ];
  const missing = needed.filter((kind) => metadata.every((entry) => entry.kind !== kind));
  return [
    ...missing.map((kind) => finding(path, 'metadata', `${kind} beside the rules that read it`, 'none')),
    ...metadata.flatMap((entry) =>
      entry.kind === 'MsiApplicationMetadata'
        ? checkValue(`${path}/ProductCode`, 'guid', entry.productCode, TYPES.bracedGuid)
        : checkPatch(entry, `${path}/MsiPatchMetadata`),
    ),
  ];
}

function asksOne(groups: Groups, kind: RegExp): boolean {
  return groups.some(([, rule]) => rule !== null && asks(rule, kind));
}

function asks(rule: Rule, kind: RegExp): boolean {
  if ('rules' in rule) return rule.rules.some((inner) => asks(inner, kind));
  return 'rule' in rule ? asks(rule.rule, kind) : kind.test(rule.kind);
}

/** The types and numbers of patch_applicability.xsd. */
function checkPatch(patch: MsiPatchMetadata, path: string): readonly Finding[] {
  const { targets, targetProductCodes, sequences } = patch;
  return [
    ...checkAll(path, 'guid', TYPES.bracedGuid, [
      ...[patch.patchCode, patch.fallbackPatchCode],
      ...[...targetProductCodes, ...patch.obsoletedPatches],
      ...sequences.map(({ productCode }) => productCode),
    ]),
    ...checkAll(path, 'metadata', TYPES.msiVersion, [
      patch.schemaVersion,
      ...sequences.map(({ sequence }) => sequence),
    ]),
    ...checkAll(path, 'metadata', TYPES.int, [
      patch.minMsiVersion,
      ...sequences.map(({ attributes }) => attributes),
    ]),
    ...(targets.length === 0 ? [finding(`${path}/TargetProduct`, 'metadata', 'at least one', 'none')] : []),
    ...(targetProductCodes.length === 0
      ? [finding(`${path}/TargetProductCode`, 'metadata', 'at least one', 'none')]
      : []),
    ...targets.flatMap((target, index) => checkTarget(target, `${path}/TargetProduct[${index}]`)),
  ];
}

function checkTarget(target: MsiPatchTarget, path: string): readonly Finding[] {
  const codes = [target.productCode.value, target.updatedProductCode, target.upgradeCode.value];
  return [
    ...checkAll(path, 'guid', TYPES.bracedGuid, codes),
    ...checkAll(path, 'metadata', TYPES.msiVersion, [target.version.value, target.updatedVersion]),
    ...checkAll(path, 'metadata', TYPES.int, [
      target.minMsiVersion,
      target.language.value,
      ...target.updatedLanguages,
    ]),
  ];
}

function checkAll(
  path: string,
  rule: RuleName,
  check: Check,
  values: readonly (string | number | null)[],
): readonly Finding[] {
  return values.flatMap((value) => (value === null ? [] : checkValue(path, rule, String(value), check)));
}
