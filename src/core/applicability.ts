/**
 * The applicability rule language of the SDP schema (`bar:`, `lar:`, `msiar:`) as a typed tree.
 * `kind` is the element's name; the members are its attributes in camel case.
 */
export type Rule = LogicalRule | RegistryRule | SystemRule;

export type LogicalRule =
  | { readonly kind: 'True' }
  | { readonly kind: 'False' }
  | { readonly kind: 'And'; readonly rules: readonly Rule[] }
  | { readonly kind: 'Or'; readonly rules: readonly Rule[] }
  | { readonly kind: 'Not'; readonly rule: Rule };

export type ScalarComparison = 'LessThan' | 'LessThanOrEqualTo' | 'EqualTo' | 'GreaterThanOrEqualTo' | 'GreaterThan';
export type StringComparison = 'EqualTo' | 'BeginsWith' | 'Contains' | 'EndsWith';
export type RegistryRoot = 'HKEY_LOCAL_MACHINE' | 'HKEY_LOOP_TARGET';

interface RegistryPlace {
  readonly key: RegistryRoot;
  readonly subkey: string;
  /** True: the 32-bit view. It is read on each rule by itself, also inside a loop. */
  readonly regType32: boolean;
}

export type RegistryRule =
  | ({ readonly kind: 'RegKeyExists' } & RegistryPlace)
  | ({ readonly kind: 'RegValueExists'; readonly value: string | null; readonly type: string | null } & RegistryPlace)
  | ({
      readonly kind: 'RegDword';
      readonly value: string;
      readonly comparison: ScalarComparison;
      readonly data: number;
    } & RegistryPlace)
  | ({
      readonly kind: 'RegSz' | 'RegExpandSz';
      readonly value: string;
      readonly comparison: StringComparison;
      readonly data: string;
    } & RegistryPlace)
  | ({
      readonly kind: 'RegSzToVersion';
      readonly value: string;
      readonly comparison: ScalarComparison;
      /** Exactly four numeric parts. */
      readonly data: string;
    } & RegistryPlace)
  | ({ readonly kind: 'RegKeyLoop'; readonly trueIf: 'Any' | 'All' | 'None'; readonly rule: Rule } & RegistryPlace);

export type SystemRule =
  | { readonly kind: 'Processor'; readonly architecture: number; readonly level?: number; readonly revision?: number }
  | {
      readonly kind: 'WindowsVersion';
      readonly comparison: ScalarComparison | null;
      readonly majorVersion?: number;
      readonly minorVersion?: number;
      readonly buildNumber?: number;
      readonly servicePackMajor?: number;
      readonly servicePackMinor?: number;
      readonly allSuitesMustBePresent?: boolean;
      readonly suiteMask?: number;
      readonly productType?: number;
    };
