import { parseMachine } from '../../../config/machine.js';
import { describeRule } from '../../../core/describe-rule.js';
import { evaluateUpdate, mergeRules, type RuleTrace, type UpdateEvaluation } from '../../../core/evaluate.js';
import type { ApplicabilityRules } from '../../../core/applicability.js';
import type { ApplicabilityState, Machine } from '../../../core/machine.js';
import type { SoftwareDistributionPackage } from '../../../core/update.js';
import { readSdp } from '../../../sus/sdp/index.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { readInput } from './read.js';

interface ItemAnswer extends UpdateEvaluation {
  /** Null: the package's own rules, of a package without an item. */
  readonly itemId: string | null;
}

interface PackageAnswer {
  readonly packageId: string;
  readonly state: ApplicabilityState;
  readonly isInstalled: boolean;
  readonly isInstallable: boolean;
  readonly isSuperseded: boolean;
  readonly unknown: boolean;
  /** Of the one item; of several, theirs stand in `items`. */
  readonly trace: UpdateEvaluation['trace'] | null;
  readonly items?: readonly ItemAnswer[];
}

/** `patchpress evaluate FILE --machine machine.json`: what a client says of an update on that machine, and why. */
export async function evaluate(
  file: string,
  { machine, ...output }: OutputOptions & { machine: string },
): Promise<number> {
  const pkg = readSdp(readInput(file), file);
  const answer = evaluatePackage(pkg, parseMachine(readInput(machine).toString('utf8'), machine));
  show(output, answer, () => describeAnswer(pkg, answer));
  return EXIT.ok;
}

/**
 * One item is the update. Of several the package is a bundle: it is required where an item is, installed where one is
 * and none is required (wsus-publishing 2.3).
 */
export function evaluatePackage(pkg: SoftwareDistributionPackage, machine: Machine): PackageAnswer {
  const items = rulesOf(pkg).map(({ itemId, rules }) => ({ itemId, ...evaluateUpdate(rules, machine) }));
  const { packageId } = pkg.properties;
  const [only, ...others] = items;
  if (only !== undefined && others.length === 0) {
    const { itemId: _, ...answer } = only;
    return { packageId, ...answer };
  }
  const is = (wanted: ApplicabilityState) => items.some(({ state }) => state === wanted);
  const state = is('required') ? 'required' : is('installed') ? 'installed' : 'notApplicable';
  return {
    packageId,
    state,
    isInstalled: state === 'installed',
    isInstallable: items.some(({ isInstallable }) => isInstallable),
    isSuperseded: items.some(({ isSuperseded }) => isSuperseded),
    unknown: items.some(({ unknown }) => unknown),
    trace: null,
    items,
  };
}

function rulesOf(
  pkg: SoftwareDistributionPackage,
): readonly { itemId: string | null; rules: ApplicabilityRules }[] {
  const { isInstalled, isInstallable } = pkg;
  if (pkg.installableItems.length === 0)
    return [{ itemId: null, rules: { isInstalled, isSuperseded: null, isInstallable } }];
  return pkg.installableItems.map(({ id, applicabilityRules }) => ({
    itemId: id,
    rules: mergeRules(pkg, applicabilityRules),
  }));
}

function describeAnswer(pkg: SoftwareDistributionPackage, answer: PackageAnswer): string {
  const title = pkg.localizedProperties[0]?.title ?? '';
  const doubt = answer.unknown ? ' (the machine does not tell all that it rests on)' : '';
  const items = answer.items ?? [{ itemId: null, ...answer, trace: answer.trace }];
  const lines = items.flatMap(({ itemId, trace }) => [
    ...(itemId === null ? [] : [`item ${itemId}`]),
    ...describeGroup('IsInstalled', trace?.isInstalled ?? null),
    ...describeGroup('IsSuperseded', trace?.isSuperseded ?? null),
    ...describeGroup('IsInstallable', trace?.isInstallable ?? null),
  ]);
  const rules = rulesOf(pkg).flatMap(({ rules: { isInstalled, isInstallable } }) => [
    ...(isInstalled === null ? [] : [`installed where ${describeRule(isInstalled)}`]),
    ...(isInstallable === null ? [] : [`installable where ${describeRule(isInstallable)}`]),
  ]);
  return [`${answer.packageId} ${title}`, `${answer.state}${doubt}`, ...rules, ...lines].join('\n');
}

function describeGroup(name: string, trace: RuleTrace | null): readonly string[] {
  return trace === null ? [] : [`${name}:`, ...describeTrace(trace, 1)];
}

function describeTrace(trace: RuleTrace, depth: number): readonly string[] {
  const answer = trace.unknown ? 'unknown' : String(trace.value);
  const target = trace.target === undefined ? '' : ` at ${trace.target}`;
  const found = trace.found === null ? '' : `: ${trace.found}`;
  const line = `${'  '.repeat(depth)}${answer.padEnd(8)}${trace.kind}${target}${found}`;
  return [line, ...trace.children.flatMap((child) => describeTrace(child, depth + 1))];
}
