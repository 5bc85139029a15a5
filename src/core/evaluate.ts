import type { ApplicabilityMetadata, ApplicabilityRules, Rule } from './applicability.js';
import { type Answer, allOf, anyOf, known, noneOf, unanswered } from './evaluation/answer.js';
import { answerFile } from './evaluation/files.js';
import { answerMsi } from './evaluation/msi.js';
import { answerRegistry, type LoopTarget, loopTargets } from './evaluation/registry.js';
import { answerQuery, answerSystem } from './evaluation/system.js';
import type { ApplicabilityState, Machine } from './machine.js';

/** A rule's answer with the answers it is made of. Of a loop: one child per sub-key, named in `target`. */
export interface RuleTrace extends Answer {
  readonly kind: string;
  readonly target?: string;
  readonly children: readonly RuleTrace[];
}

export interface Evaluation {
  readonly value: boolean;
  readonly unknown: boolean;
  readonly trace: RuleTrace;
}

export interface UpdateEvaluation {
  readonly state: ApplicabilityState;
  readonly isInstalled: boolean;
  readonly isSuperseded: boolean;
  readonly isInstallable: boolean;
  /** True: the state rests on something the machine does not tell; it is then `notApplicable`. */
  readonly unknown: boolean;
  readonly trace: {
    readonly isInstalled: RuleTrace | null;
    readonly isSuperseded: RuleTrace | null;
    readonly isInstallable: RuleTrace | null;
  };
}

interface Scene {
  readonly machine: Machine;
  readonly metadata: readonly ApplicabilityMetadata[];
  readonly target: LoopTarget | null;
}

/**
 * What the rule says of the machine, as the client evaluates it. A rule that the machine cannot answer is false and
 * marked unknown. Unknown travels by three-valued logic: `Not` of it stays unknown and false (a negation never makes
 * true out of it), `And` is surely false as soon as one part is, `Or` surely true. Pure; does not throw.
 */
export function evaluateRule(
  rule: Rule,
  machine: Machine,
  metadata: readonly ApplicabilityMetadata[] = [],
): Evaluation {
  const trace = traceRule(rule, { machine, metadata, target: null });
  return { value: trace.value, unknown: trace.unknown, trace };
}

/**
 * Installed where IsInstalled is true; required where it is not, nothing supersedes it and IsInstallable is true;
 * else not applicable. A missing rule is false (SoftwareDistributionPackage.xsd, ApplicabilityRules). Where IsInstalled
 * or IsSuperseded is not known the update is not offered: `notApplicable`, marked unknown.
 */
export function evaluateUpdate(rules: ApplicabilityRules, machine: Machine): UpdateEvaluation {
  const scene: Scene = { machine, metadata: rules.metadata ?? [], target: null };
  const traceOf = (rule: Rule | null) => (rule === null ? null : traceRule(rule, scene));
  const trace = {
    isInstalled: traceOf(rules.isInstalled),
    isSuperseded: traceOf(rules.isSuperseded),
    isInstallable: traceOf(rules.isInstallable),
  };
  const isInstalled = trace.isInstalled?.value === true;
  const isSuperseded = trace.isSuperseded?.value === true;
  const isInstallable = trace.isInstallable?.value === true;
  const wanted = isInstallable && !isSuperseded && trace.isSuperseded?.unknown !== true;
  const offered = wanted && trace.isInstalled?.unknown !== true;
  const state = isInstalled ? 'installed' : offered ? 'required' : 'notApplicable';
  const unknown = !isInstalled && (trace.isInstalled?.unknown === true || wantedInDoubt(trace));
  return { state, isInstalled, isSuperseded, isInstallable, unknown, trace };
}

function wantedInDoubt({ isSuperseded, isInstallable }: UpdateEvaluation['trace']): boolean {
  if (isSuperseded?.value === true) return false;
  return isInstallable?.unknown === true || (isSuperseded?.unknown === true && isInstallable?.value === true);
}

/**
 * The rules of an item with those of its package: IsInstalled and IsInstallable are and-ed, package first
 * (SoftwareDistributionPackage.xsd, InstallableItem/ApplicabilityRules).
 */
export function mergeRules(
  packageRules: { readonly isInstalled: Rule | null; readonly isInstallable: Rule | null },
  item: ApplicabilityRules,
): ApplicabilityRules {
  const both = (outer: Rule | null, inner: Rule | null): Rule | null =>
    outer === null || inner === null ? (outer ?? inner) : { kind: 'And', rules: [outer, inner] };
  return {
    ...item,
    isInstalled: both(packageRules.isInstalled, item.isInstalled),
    isInstallable: both(packageRules.isInstallable, item.isInstallable),
  };
}

function traceRule(rule: Rule, scene: Scene): RuleTrace {
  switch (rule.kind) {
    case 'And':
      return combine(
        rule.kind,
        rule.rules.map((inner) => traceRule(inner, scene)),
        allOf,
      );
    case 'Or':
      return combine(
        rule.kind,
        rule.rules.map((inner) => traceRule(inner, scene)),
        anyOf,
      );
    case 'Not':
      return combine(rule.kind, [traceRule(rule.rule, scene)], ([inner]) =>
        noneOf(inner === undefined ? [] : [inner]),
      );
    case 'RegKeyLoop':
      return traceLoop(rule, scene);
    default:
      return { kind: rule.kind, ...answerLeaf(rule, scene), children: [] };
  }
}

type Combination = (parts: readonly Answer[]) => Answer;

function combine(kind: string, children: readonly RuleTrace[], combination: Combination): RuleTrace {
  return { kind, ...combination(children), children };
}

/**
 * The inner rule on every sub-key. Without any sub-key `Any` and `All` are false and `None` is true: no update becomes
 * installed or required because there was nothing to look at (no public page says what the client does with `All`).
 */
function traceLoop(rule: Extract<Rule, { kind: 'RegKeyLoop' }>, scene: Scene): RuleTrace {
  const targets = loopTargets(scene.machine, rule, scene.target);
  if (targets === null) {
    return { kind: rule.kind, ...unanswered('HKEY_LOOP_TARGET outside of a loop'), children: [] };
  }
  const children = targets.map((target) => ({
    ...traceRule(rule.rule, { ...scene, target }),
    target: target.path,
  }));
  const combination = { Any: anyOf, All: children.length === 0 ? () => known(false) : allOf, None: noneOf }[
    rule.trueIf
  ];
  return { ...combine(rule.kind, children, combination), found: `${children.length} sub-keys` };
}

type Leaf = Exclude<Rule, { kind: 'And' | 'Or' | 'Not' | 'RegKeyLoop' }>;

function answerLeaf(rule: Leaf, scene: Scene): Answer {
  switch (rule.kind) {
    case 'True':
      return known(true);
    case 'False':
      return known(false);
    case 'RegKeyExists':
    case 'RegValueExists':
    case 'RegDword':
    case 'RegSz':
    case 'RegExpandSz':
    case 'RegSzToVersion':
      return answerRegistry(rule, scene.machine, scene.target);
    case 'Processor':
    case 'WindowsVersion':
    case 'WindowsLanguage':
    case 'MuiInstalled':
    case 'MuiLanguageInstalled':
    case 'SystemMetric':
    case 'NumberOfProcessors':
    case 'ClusteredOS':
    case 'ClusterResourceOwner':
      return answerSystem(rule, scene.machine);
    case 'WmiQuery':
    case 'InstalledOnce':
    case 'GenericQuery':
      return answerQuery(rule, scene.machine);
    case 'Unrecognised':
      return unanswered(`rule ${rule.name} is not known`);
    case 'MsiProductInstalled':
    case 'MsiPatchInstalledForProduct':
    case 'MsiFeatureInstalledForProduct':
    case 'MsiComponentInstalledForProduct':
    case 'MsiPatchInstalled':
    case 'MsiPatchSuperseded':
    case 'MsiPatchInstallable':
    case 'MsiApplicationInstalled':
    case 'MsiApplicationSuperseded':
    case 'MsiApplicationInstallable':
      return answerMsi(rule, scene.machine, scene.metadata);
    default:
      return answerFile(rule, scene.machine, scene.target);
  }
}
