import { PermanentError, printable } from '../../core/errors.js';
import type { ArpEvidence } from '../../core/installer.js';
import type { ApplicabilityState, Machine } from '../../core/machine.js';
import type { Architecture } from '../../core/product.js';
import {
  type Copy,
  copyAt,
  copyOf,
  hiveOf,
  msiProductsOf,
  namesake,
  otherEdition,
  otherView,
  renamed,
  stale,
  underKeysOf,
  underOtherKeys,
  withVersion,
} from './copies.js';
import {
  justAbove,
  justBelow,
  type Step,
  stepBack,
  stepFarBack,
  stepFarForward,
  stepForward,
} from './versions.js';

/** One line of the truth table: a machine, and what a client on it must say. */
export interface ProofCase {
  readonly name: string;
  readonly machine: Machine;
  readonly expected: ApplicabilityState;
}

export interface ProofFacts {
  /** Of the programs that are installed. */
  readonly architecture: Architecture;
  readonly kind: 'update' | 'install';
  readonly releaseVersion: string;
  /** What the installer really writes; never the rule's own fields. */
  readonly evidence: readonly ArpEvidence[];
}

/**
 * The machines that the rules must tell apart (configmgr-catalog 4, rules 1 to 9). An update is required where an older
 * copy is, an install where nothing of the product is; both are installed alike. PermanentError `proof.failed` where the
 * evidence has no version below it.
 */
export function proofCases(facts: ProofFacts): readonly ProofCase[] {
  const { architecture, kind, releaseVersion, evidence } = facts;
  const same = copyOf(evidence);
  const at = (step: Step): Copy | null => copyAt(same, step, releaseVersion);
  const older = at(stepBack) ?? nothingOlder(evidence);
  // Where nothing tells the view an installed copy may be in either.
  const isOpen = evidence.some(({ viewIsOpen }) => viewIsOpen === true);
  const on = (name: string, expected: ApplicabilityState, copy: Copy | null): readonly ProofCase[] =>
    copy === null ? [] : [{ name, expected, machine: windowsWith(copy, architecture) }];
  const ofKind = (wanted: ProofFacts['kind']) => (kind === wanted ? 'required' : 'notApplicable');
  const ifOlder = ofKind('update');
  const ifNothing = ofKind('install');
  return [
    ...on('missing', ifNothing, []),
    ...on('older', ifOlder, older),
    ...on('a generation older', ifOlder, at(stepFarBack)),
    ...on('just older', ifOlder, at(justBelow)),
    ...on('older, under the keys of this version', ifOlder, underKeysOf(same, older)),
    ...on('same', 'installed', same),
    ...on('same, under other keys', 'installed', underOtherKeys(same)),
    ...on('just newer', 'installed', at(justAbove)),
    ...on('newer', 'installed', at(stepForward)),
    ...on('a generation newer', 'installed', at(stepFarForward)),
    ...on('same, under another name', 'installed', isMsi(evidence) ? renamed(same) : null),
    ...on('stale older entry beside the same', 'installed', [...stale(older), ...same]),
    ...on('older, other edition (MSI or EXE)', 'notApplicable', orNull(otherEdition(older))),
    ...on('same, other edition (MSI or EXE)', 'notApplicable', orNull(otherEdition(same))),
    ...on('older beside the other edition at the same', ifOlder, [...older, ...otherEdition(same)]),
    ...on('older, other registry view', isOpen ? ifOlder : 'notApplicable', orNull(otherView(older))),
    ...on('same, other registry view', isOpen ? 'installed' : 'notApplicable', orNull(otherView(same))),
    ...on('older beside the same in the other registry view', isOpen ? 'installed' : ifOlder, [
      ...older,
      ...otherView(same),
    ]),
    ...on('older without a version', 'notApplicable', withVersion(older, null)),
    ...on('older with a version that is no number', 'notApplicable', withVersion(older, 'unknown')),
    ...on('older namesake', ifNothing, namesake(older)),
    // No rule sees it (rule 7).
    { name: 'older, for one user only', expected: ifNothing, machine: perUser(older, architecture) },
    ...otherWindows(kind === 'install' ? [] : older, facts),
  ];
}

/** An installer that leaves both editions, or writes to both views, has no other. */
function orNull(copy: Copy): Copy | null {
  return copy.length === 0 ? null : copy;
}

/** The file's own tables say that Windows Installer knows the copy by its ProductCode. */
function isMsi(evidence: readonly ArpEvidence[]): boolean {
  return evidence.some(({ source }) => source === 'msi-tables') && msiProductsOf(copyOf(evidence)).length > 0;
}

function nothingOlder(evidence: readonly ArpEvidence[]): never {
  throw new PermanentError('proof.failed', 'no older copy can be thought of, so no rule can be proven', {
    expected: 'evidence with a DisplayVersion of one to four numeric parts above 0',
    found: printable(evidence.map((row) => row.displayVersion).join(', ')) || 'no evidence',
    nextStep: 'choose another detection for this product',
  });
}

/** Who needs it, on machines that can run it and on those that cannot. */
function otherWindows(needy: Copy, { architecture, kind }: ProofFacts): readonly ProofCase[] {
  const { os } = windowsWith(needy, architecture);
  const on = (name: string, expected: boolean, changes: Partial<Machine['os']>): ProofCase => ({
    name: `${kind === 'install' ? 'missing' : 'older'}, ${name}`,
    expected: expected ? 'required' : 'notApplicable',
    machine: windowsWith(needy, architecture, { ...os, ...changes }),
  });
  const server = { version: '10.0.14393.0', productType: 3 };
  return [
    on('on Windows for x86', architecture === 'x86', { architecture: 'x86', version: '10.0.19045.0' }),
    // An x64 program also runs on ARM64; it is not offered there, as the vendor's own ARM64 edition may be meant for it.
    on('on Windows for ARM64', architecture !== 'x64', { architecture: 'arm64' }),
    on('on Windows for x64', architecture !== 'arm64', { architecture: 'x64' }),
    ...(architecture === 'arm64' ? [] : [on('on Windows Server 2016', true, server)]),
    on('on Windows 8.1', false, { version: '6.3.9600.0', servicePack: '0.0' }),
  ];
}

const PLAIN: Omit<Machine, 'os' | 'registry' | 'msi'> = {
  files: [],
  wmi: [],
  processors: 4,
};

/** On every machine: rules that do not look at the name take these for the product. */
const OTHER_PROGRAMS: Copy = (['64', '32'] as const).flatMap((view) => [
  {
    view,
    key: 'OtherProgram',
    displayName: 'Other Program',
    displayVersion: '0.1',
    publisher: 'Other Vendor',
    windowsInstaller: false,
  },
  {
    view,
    key: '{7B0FFEE8-9C53-4A8E-9D0B-5D2B7A6E1C11}',
    displayName: 'Other Product',
    displayVersion: '9999.9',
    publisher: 'Other Vendor',
    windowsInstaller: true,
  },
]);

/** Whether the key is one of the programs that are on every machine. */
export function isBystander(key: string): boolean {
  return OTHER_PROGRAMS.some((entry) => key.endsWith(`\\${entry.key}`));
}

function windowsWith(
  copy: Copy,
  program: Architecture,
  os: Machine['os'] = windows(program === 'arm64' ? 'arm64' : 'x64'),
): Machine {
  const all = [...OTHER_PROGRAMS, ...copy];
  return {
    ...PLAIN,
    os,
    registry: { '64': hiveOf(all, '64', 'HKLM'), '32': hiveOf(all, '32', 'HKLM') },
    msi: { products: msiProductsOf(all), patches: [] },
  };
}

/** HKEY_CURRENT_USER is not there for rules (BaseTypes.xsd, RegistryKey): the machine shows it, no rule sees it. */
function perUser(copy: Copy, program: Architecture): Machine {
  const machine = windowsWith([], program);
  const both = (view: '64' | '32') => ({ ...machine.registry[view], ...hiveOf(copy, view, 'HKCU') });
  return { ...machine, registry: { '64': both('64'), '32': both('32') } };
}

function windows(architecture: Machine['os']['architecture']): Machine['os'] {
  return {
    version: '10.0.22631.0',
    productType: 1,
    suiteMask: 256,
    architecture,
    language: 'en-US',
    muiLanguages: [],
  };
}
