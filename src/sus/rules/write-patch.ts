import type { MsiPatchMetadata, MsiPatchSequence, MsiPatchTarget, Validated } from '../../core/msi-patch.js';
import { element, type XmlElement } from '../../text/xml/index.js';
import { MSIAR, MSPBLOB } from '../namespaces.js';

/** In the order of patch_applicability.xsd. */
export function patchMetadataElement(metadata: MsiPatchMetadata): XmlElement {
  const attributes = {
    SchemaVersion: metadata.schemaVersion,
    PatchGUID: metadata.patchCode,
    MinMsiVersion: spelled(metadata.minMsiVersion),
    TargetsRTM: spelled(metadata.targetsRtm),
  };
  const patch = element(MSPBLOB, 'MsiPatch', attributes, [
    ...metadata.targets.map(targetElement),
    ...metadata.targetProductCodes.map((code) => blob('TargetProductCode', code)),
    ...metadata.obsoletedPatches.map((code) => blob('ObsoletedPatch', code)),
    ...metadata.sequences.map(sequenceElement),
  ]);
  const { fallbackPatchCode } = metadata;
  const fallback =
    fallbackPatchCode === null ? [] : [element(MSIAR, 'FallbackPatchCode', {}, [fallbackPatchCode])];
  return element(MSIAR, metadata.kind, {}, [patch, ...fallback]);
}

function targetElement(target: MsiPatchTarget): XmlElement {
  const { version } = target;
  const comparison = {
    ComparisonType: version.comparison,
    ComparisonFilter: version.filter,
    Validate: spelled(version.validate),
  };
  return element(MSPBLOB, 'TargetProduct', { MinMsiVersion: spelled(target.minMsiVersion) }, [
    validated('TargetProductCode', target.productCode),
    ...maybe('UpdatedProductCode', target.updatedProductCode),
    element(MSPBLOB, 'TargetVersion', comparison, [version.value]),
    ...maybe('UpdatedVersion', target.updatedVersion),
    validated('TargetLanguage', target.language),
    blob('UpdatedLanguages', target.updatedLanguages.join(' ')),
    validated('UpgradeCode', target.upgradeCode),
  ]);
}

function sequenceElement({ family, productCode, sequence, attributes }: MsiPatchSequence): XmlElement {
  return element(MSPBLOB, 'SequenceData', {}, [
    blob('PatchFamily', family),
    ...maybe('ProductCode', productCode),
    blob('Sequence', sequence),
    ...maybe('Attributes', spelled(attributes)),
  ]);
}

function validated(name: string, { value, validate }: Validated<string | number>): XmlElement {
  return element(MSPBLOB, name, { Validate: spelled(validate) }, [String(value)]);
}

function blob(name: string, content: string): XmlElement {
  return element(MSPBLOB, name, {}, content === '' ? [] : [content]);
}

function maybe(name: string, content: string | null): readonly XmlElement[] {
  return content === null ? [] : [blob(name, content)];
}

function spelled(value: number | boolean | null): string | null {
  return value === null ? null : String(value);
}
