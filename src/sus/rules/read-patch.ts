import { PermanentError, printable } from '../../core/errors.js';
import {
  type MsiPatchMetadata,
  type MsiPatchSequence,
  type MsiPatchTarget,
  PATCH_COMPARISONS,
  PATCH_FILTERS,
} from '../../core/msi-patch.js';
import { attributeOf, childElements, textOf, type XmlElement } from '../../text/xml/index.js';
import { bareName, named, textIn } from './names.js';

/** Nothing where the element says nothing of a patch. Throws PermanentError `package.invalid` for what no patch says. */
export function readPatchMetadata(from: XmlElement): readonly MsiPatchMetadata[] {
  const patch = named(from, 'MsiPatch');
  if (patch === null) return [];
  const codes = (name: string) => children(patch, name).map((child) => textOf(child).trim());
  return [
    {
      kind: 'MsiPatchMetadata',
      schemaVersion: attributeOf(patch, 'SchemaVersion'),
      patchCode: attributeOf(patch, 'PatchGUID'),
      minMsiVersion: numberOf(attributeOf(patch, 'MinMsiVersion'), patch),
      targetsRtm: flagOf(patch, 'TargetsRTM'),
      targets: children(patch, 'TargetProduct').map(readTarget),
      targetProductCodes: codes('TargetProductCode'),
      obsoletedPatches: codes('ObsoletedPatch'),
      sequences: children(patch, 'SequenceData').map(readSequence),
      fallbackPatchCode: textIn(from, 'FallbackPatchCode'),
    },
  ];
}

function readTarget(from: XmlElement): MsiPatchTarget {
  const stated = (name: string) => {
    const child = required(from, name);
    return { value: textOf(child).trim(), validate: flagOf(child, 'Validate') };
  };
  const version = required(from, 'TargetVersion');
  const language = stated('TargetLanguage');
  const languages = (textIn(from, 'UpdatedLanguages') ?? '').split(/\s+/).filter((word) => word !== '');
  return {
    minMsiVersion: numberOf(attributeOf(from, 'MinMsiVersion'), from),
    productCode: stated('TargetProductCode'),
    updatedProductCode: textIn(from, 'UpdatedProductCode'),
    version: {
      ...stated('TargetVersion'),
      comparison: choiceOf(version, 'ComparisonType', PATCH_COMPARISONS),
      filter: choiceOf(version, 'ComparisonFilter', PATCH_FILTERS),
    },
    updatedVersion: textIn(from, 'UpdatedVersion'),
    language: { ...language, value: wholeOf(language.value, from) },
    updatedLanguages: languages.map((word) => wholeOf(word, from)),
    upgradeCode: stated('UpgradeCode'),
  };
}

function readSequence(from: XmlElement): MsiPatchSequence {
  return {
    family: textOf(required(from, 'PatchFamily')),
    productCode: textIn(from, 'ProductCode'),
    sequence: textOf(required(from, 'Sequence')).trim(),
    attributes: numberOf(textIn(from, 'Attributes'), from),
  };
}

function children(from: XmlElement, name: string): readonly XmlElement[] {
  return childElements(from).filter((child) => bareName(child) === name);
}

function required(from: XmlElement, name: string): XmlElement {
  const child = named(from, name);
  if (child === null) throw malformed(from, name, 'none');
  return child;
}

function choiceOf<T extends string>(from: XmlElement, name: string, values: readonly T[]): T | null {
  const raw = attributeOf(from, name);
  const value = values.find((one) => one === raw) ?? null;
  if (raw !== null && value === null) throw malformed(from, `@${name}: ${values.join(' | ')}`, raw);
  return value;
}

function flagOf(from: XmlElement, name: string): boolean | null {
  const value = choiceOf(from, name, ['true', 'false', '1', '0']);
  return value === null ? null : value === 'true' || value === '1';
}

function numberOf(text: string | null, at: XmlElement): number | null {
  return text === null ? null : wholeOf(text.trim(), at);
}

function wholeOf(text: string, at: XmlElement): number {
  if (!/^[+-]?\d{1,10}$/.test(text)) throw malformed(at, 'a whole number', text);
  return Number(text);
}

function malformed(at: XmlElement, expected: string, found: string): PermanentError {
  return new PermanentError('package.invalid', 'metadata of a patch is malformed', {
    where: at.localName,
    expected,
    found: printable(found, 100),
  });
}
