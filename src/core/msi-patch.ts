/** A value that a patch states of its target; it counts only where `validate` is true. Null: not said, which is false. */
export interface Validated<T> {
  readonly value: T;
  readonly validate: boolean | null;
}

export const PATCH_COMPARISONS = [
  'LessThan',
  'LessThanOrEqual',
  'Equal',
  'GreaterThanOrEqual',
  'GreaterThan',
  'None',
] as const;
export const PATCH_FILTERS = ['Major', 'MajorMinor', 'MajorMinorUpdate', 'None'] as const;

/** What Windows Installer says of a patch (patch_applicability.xsd): the rules about a patch read it. */
export interface MsiPatchMetadata {
  readonly kind: 'MsiPatchMetadata';
  readonly schemaVersion: string | null;
  /** `{GUID}` with braces, as all codes here. */
  readonly patchCode: string | null;
  readonly minMsiVersion: number | null;
  readonly targetsRtm: boolean | null;
  readonly targets: readonly MsiPatchTarget[];
  readonly targetProductCodes: readonly string[];
  readonly obsoletedPatches: readonly string[];
  readonly sequences: readonly MsiPatchSequence[];
  readonly fallbackPatchCode: string | null;
}

/** `mspblob:TargetProduct`. */
export interface MsiPatchTarget {
  readonly minMsiVersion: number | null;
  readonly productCode: Validated<string>;
  readonly updatedProductCode: string | null;
  readonly version: Validated<string> & {
    readonly comparison: (typeof PATCH_COMPARISONS)[number] | null;
    /** How many parts count. */
    readonly filter: (typeof PATCH_FILTERS)[number] | null;
  };
  readonly updatedVersion: string | null;
  readonly language: Validated<number>;
  readonly updatedLanguages: readonly number[];
  readonly upgradeCode: Validated<string>;
}

export interface MsiPatchSequence {
  readonly family: string;
  readonly productCode: string | null;
  readonly sequence: string;
  readonly attributes: number | null;
}

/** The value where the patch wants it compared, else null. */
export function compared<T>({ value, validate }: Validated<T>): T | null {
  return validate === true ? value : null;
}
