import type { ApplicabilityRules } from '../../core/applicability.js';
import { describeRule } from '../../core/describe-rule.js';
import { PermanentError, printable } from '../../core/errors.js';
import { evaluateUpdate } from '../../core/evaluate.js';
import type { ArpEvidence } from '../../core/installer.js';
import type { ApplicabilityState, Machine } from '../../core/machine.js';
import { isBystander, type ProofCase, type ProofFacts, proofCases } from './machines.js';

export interface ProofSubject extends ProofFacts {
  readonly productId: string;
  readonly variant: string;
  /** As a client sees them: those of the package and of the item together. */
  readonly rules: ApplicabilityRules;
}

/** The rule's answer on one machine of the table. */
export interface ProofRow extends ProofCase {
  readonly found: ApplicabilityState;
  /** True: the answer rests on something no public page tells, and is the careful one. */
  readonly unknown: boolean;
}

/**
 * Proof before publish: the rules against machines made from the evidence. PermanentError `proof.failed` that names the
 * first machine on which they are wrong, and the rule.
 */
export function proveRules(subject: ProofSubject): readonly ProofRow[] {
  const rows = proofCases(subject).map((one): ProofRow => {
    const { state, unknown } = evaluateUpdate(subject.rules, one.machine);
    return { ...one, found: state, unknown };
  });
  const wrong = rows.filter((row) => row.found !== row.expected);
  const first = wrong[0];
  if (first === undefined) return rows;
  const others = wrong.slice(1).map((row) => `"${row.name}"`);
  throw new PermanentError('proof.failed', `the rules are wrong on the machine "${first.name}"`, {
    where: printable(`${subject.productId} ${subject.releaseVersion} ${subject.variant}`, 200),
    expected: `${first.expected}, on ${describeMachine(first.machine)}`,
    found: [
      `${first.found} (${first.unknown ? 'not known by' : 'by'} the rule: ${decisive(first, subject.rules)})`,
      ...(others.length === 0 ? [] : [`wrong too on ${others.join(', ')}`]),
    ].join('; '),
    nextStep: `compare the detection with what the installer writes: ${subject.evidence.map(describeEvidence).join(', or ')}`,
  });
}

/** What tells the machine from others: its Windows, and the entries of the product. */
function describeMachine({ os, registry }: Machine): string {
  const entries = (['64', '32'] as const).flatMap((view) =>
    Object.entries(registry[view])
      .filter(([key]) => !isBystander(key))
      .map(([key, { DisplayName, DisplayVersion }]) => {
        const version = DisplayVersion === undefined ? 'without a version' : String(DisplayVersion.value);
        const owner = key.startsWith('HKCU') ? 'of one user' : `in the ${view}-bit view`;
        return `"${String(DisplayName?.value)}" ${version} ${owner}`;
      }),
  );
  const windows = `Windows ${os.version} for ${os.architecture}`;
  return printable(`${windows} with ${entries.join(' and ') || 'nothing of the product'}`, 600);
}

/** The rule that must be otherwise: who should be installed looks at IsInstalled, who should be offered at IsInstallable. */
function decisive({ expected, found }: ProofRow, rules: ApplicabilityRules): string {
  const isAboutInstalled = expected === 'installed' || found === 'installed';
  const rule = isAboutInstalled ? rules.isInstalled : rules.isInstallable;
  const name = isAboutInstalled ? 'installed' : 'installable';
  return printable(`${name} where ${rule === null ? 'never' : describeRule(rule)}`, 1200);
}

export function describeEvidence(row: ArpEvidence): string {
  const by = row.publisher === null ? '' : ` by "${row.publisher}"`;
  const kind = row.windowsInstaller ? 'Windows Installer' : 'not Windows Installer';
  return printable(
    `"${row.displayName}" ${row.displayVersion}${by}, ${row.view}-bit view, ${kind} (${row.source})`,
    400,
  );
}
