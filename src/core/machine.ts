/** A Windows machine as the rules see it: the input of the evaluator, and of `patchpress evaluate --machine`. */
export interface Machine {
  readonly os: {
    /** `10.0.22631.0`: major.minor.build.revision. */
    readonly version: string;
    /** 1 workstation, 2 domain controller, 3 server. */
    readonly productType: number;
    readonly suiteMask: number;
    readonly architecture: 'x86' | 'x64' | 'arm64';
    readonly language: string;
    readonly muiLanguages: readonly string[];
    /** `major.minor`; absent: 0.0 from Windows 8 on, not known before. */
    readonly servicePack?: string;
  };
  /** Per registry view; keys start with `HKLM\`. */
  readonly registry: { readonly '64': RegistryHive; readonly '32': RegistryHive };
  readonly files: readonly MachineFile[];
  readonly msi: { readonly products: readonly MsiProduct[]; readonly patches: readonly MsiPatch[] };
  readonly wmi: readonly { readonly namespace: string; readonly query: string; readonly result: boolean }[];
  /** How many; absent: not known. */
  readonly processors?: number;
  /** What drivers are for; absent: not known. */
  readonly hardware?: MachineHardware;
}

export interface MachineHardware {
  /** GUIDs of the computer, the most specific first. */
  readonly computerIds: readonly string[];
  readonly devices: readonly MachineDevice[];
}

/** Ids in the order in which Windows has them: the most specific first. */
export interface MachineDevice {
  readonly hardwareIds: readonly string[];
  readonly compatibleIds: readonly string[];
  readonly driver?: {
    /** `2006-06-21`. */
    readonly date: string;
    /** `10.0.26100.1`. */
    readonly version: string;
    /** The id that it was installed for. */
    readonly matchingId?: string;
    readonly class?: string;
    readonly manufacturer?: string;
    readonly provider?: string;
    readonly model?: string;
    readonly rank: number;
  };
}

export type RegistryHive = Readonly<Record<string, RegistryKey>>;
export type RegistryKey = Readonly<Record<string, RegistryValue>>;

export interface RegistryValue {
  readonly type:
    | 'REG_SZ'
    | 'REG_EXPAND_SZ'
    | 'REG_MULTI_SZ'
    | 'REG_DWORD'
    | 'REG_QWORD'
    | 'REG_BINARY'
    | 'REG_FULL_RESOURCE_DESCRIPTOR';
  readonly value: string | number | readonly string[];
}

export interface MachineFile {
  readonly path: string;
  readonly version?: string;
  readonly size?: number;
  readonly modified?: string;
  readonly created?: string;
  /** LCID of the version resource. */
  readonly language?: number;
}

export interface MsiProduct {
  readonly productCode: string;
  readonly upgradeCode?: string;
  readonly version: string;
  readonly language?: number;
  readonly features?: readonly string[];
  readonly components?: readonly string[];
}

export interface MsiPatch {
  readonly patchCode: string;
  readonly productCode?: string;
}

export type ApplicabilityState = 'installed' | 'required' | 'notApplicable';
