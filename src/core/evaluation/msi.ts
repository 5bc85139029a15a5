import type { ApplicabilityMetadata, MsiRule } from '../applicability.js';
import type { Machine, MsiProduct } from '../machine.js';
import { compared, type MsiPatchTarget } from '../msi-patch.js';
import { type Answer, allOf, anyOf, known, orderOf, unanswered, versionParts } from './answer.js';

type Range = Extract<MsiRule, { kind: 'MsiProductInstalled' | 'MsiPatchInstalledForProduct' }>;

export function answerMsi(
  rule: MsiRule,
  machine: Machine,
  metadata: readonly ApplicabilityMetadata[],
): Answer {
  switch (rule.kind) {
    case 'MsiProductInstalled':
      return productInRange(rule, machine);
    case 'MsiPatchInstalledForProduct': {
      const product = productInRange(rule, machine);
      if (!product.value) return product;
      return known(
        machine.msi.patches.some(
          (patch) =>
            sameCode(patch.patchCode, rule.patchCode) &&
            (patch.productCode === undefined || sameCode(patch.productCode, rule.productCode)),
        ),
      );
    }
    case 'MsiFeatureInstalledForProduct':
      return partsInstalled(
        rule.features,
        rule.allFeaturesRequired,
        rule,
        machine,
        (product) => product.features,
      );
    case 'MsiComponentInstalledForProduct':
      return partsInstalled(
        rule.components,
        rule.allComponentsRequired,
        rule,
        machine,
        (product) => product.components,
      );
    case 'MsiApplicationInstalled':
    case 'MsiApplicationSuperseded':
    case 'MsiApplicationInstallable':
      return answerApplication(rule.kind, machine, metadata);
    case 'MsiPatchInstalled':
    case 'MsiPatchSuperseded':
    case 'MsiPatchInstallable':
      return answerPatch(rule.kind, machine, metadata);
  }
}

/** GUIDs ignore case and braces. */
function sameCode(left: string, right: string): boolean {
  const bare = (code: string) => code.replace(/^\{|\}$/g, '').toLowerCase();
  return bare(left) === bare(right);
}

function productsOf(machine: Machine, code: string): MsiProduct[] {
  return machine.msi.products.filter((product) => sameCode(product.productCode, code));
}

function productInRange(rule: Range, machine: Machine): Answer {
  const products = productsOf(machine, rule.productCode);
  const answers = products.map((product) => inRange(rule, product));
  return (
    answers.find((answer) => answer.value) ??
    answers.find((answer) => answer.unknown) ??
    known(false, products[0]?.version ?? 'not installed')
  );
}

function inRange(rule: Range, product: MsiProduct): Answer {
  const version = versionParts(product.version);
  if (version === null) return noVersion(product.version);
  const minimum = boundOf(rule.versionMin);
  const maximum = boundOf(rule.versionMax);
  if (minimum === 'odd' || maximum === 'odd') return unanswered('a bound of the rule is not a version');
  const belowMinimum = minimum !== null && outside(version, minimum, rule.excludeVersionMin === true, -1);
  const aboveMaximum = maximum !== null && outside(version, maximum, rule.excludeVersionMax === true, 1);
  if (belowMinimum || aboveMaximum) return known(false, product.version);
  if (rule.language !== undefined && product.language === undefined)
    return unanswered('language is not stated');
  return known(rule.language === undefined || rule.language === product.language, product.version);
}

/** Null: there is no such bound. */
function boundOf(limit: string | undefined): readonly number[] | 'odd' | null {
  return limit === undefined ? null : (versionParts(limit) ?? 'odd');
}

function outside(
  version: readonly number[],
  bound: readonly number[],
  excluded: boolean,
  side: 1 | -1,
): boolean {
  const order = orderOf(version, bound) * side;
  return order > 0 || (excluded && order === 0);
}

/** MsiApplicabilityRules.xsd: the parts of one of the products, or of all where all are required. */
function partsInstalled(
  parts: readonly string[],
  allParts: boolean,
  rule: { readonly allProductsRequired: boolean; readonly products: readonly string[] },
  machine: Machine,
  partsOf: (product: MsiProduct) => readonly string[] | undefined,
): Answer {
  const answers = rule.products.map((code): Answer => {
    const products = productsOf(machine, code);
    const isSatisfied = products.some((product) => {
      const installed = partsOf(product)?.map((part) => part.toLowerCase());
      const has = (part: string) => installed?.includes(part.toLowerCase()) === true;
      return allParts ? parts.every(has) : parts.some(has);
    });
    const isStated = products.every((product) => partsOf(product) !== undefined);
    return isSatisfied || isStated
      ? known(isSatisfied)
      : unanswered('the machine does not state the parts of this product');
  });
  return rule.allProductsRequired ? allOf(answers) : anyOf(answers);
}

/** The metadata names one ProductCode, so nothing else can be seen to supersede it: superseded is false. */
function answerApplication(
  kind: MsiRule['kind'],
  machine: Machine,
  metadata: readonly ApplicabilityMetadata[],
): Answer {
  const about = metadata.find((entry) => entry.kind === 'MsiApplicationMetadata');
  if (about === undefined) return unanswered('no MsiApplicationMetadata beside the rules');
  const installed = productsOf(machine, about.productCode).length > 0;
  if (kind === 'MsiApplicationSuperseded') return known(false);
  return known(kind === 'MsiApplicationInstalled' ? installed : !installed, about.productCode);
}

function answerPatch(
  kind: MsiRule['kind'],
  machine: Machine,
  metadata: readonly ApplicabilityMetadata[],
): Answer {
  const about = metadata.find((entry) => entry.kind === 'MsiPatchMetadata');
  if (about === undefined) return unanswered('no MsiPatchMetadata beside the rules');
  const codes = [about.patchCode, about.fallbackPatchCode].filter((code) => code !== null);
  const installed = machine.msi.patches.some((patch) =>
    codes.some((code) => sameCode(code, patch.patchCode)),
  );
  if (kind === 'MsiPatchInstalled') return known(installed);
  const some = (is: (target: MsiPatchTarget, machine: Machine) => Answer) =>
    anyOf(about.targets.map((target) => is(target, machine)));
  return kind === 'MsiPatchSuperseded' ? some(isPast) : allOf([known(!installed), some(isTarget)]);
}

/** The product stands at or above the version the patch would bring. */
function isPast(target: MsiPatchTarget, machine: Machine): Answer {
  const updated = target.updatedVersion === null ? null : versionParts(target.updatedVersion);
  const productCode = compared(target.productCode);
  if (updated === null || productCode === null) return known(false);
  return anyOf(
    productsOf(machine, productCode).map((product) => {
      const version = versionParts(product.version);
      return version === null ? noVersion(product.version) : known(orderOf(version, updated) >= 0);
    }),
  );
}

function isTarget(target: MsiPatchTarget, machine: Machine): Answer {
  const isLanguage = (have: number, wanted: number) => have === wanted;
  return anyOf(
    machine.msi.products.map((product) =>
      allOf([
        statedAs(compared(target.productCode), product.productCode, sameCode),
        statedAs(compared(target.upgradeCode), product.upgradeCode, sameCode),
        statedAs(compared(target.language), product.language, isLanguage),
        versionFits(target.version, product.version),
      ]),
    ),
  );
}

/** Null: it is not compared. */
function statedAs<T>(wanted: T | null, have: T | undefined, isSame: (have: T, wanted: T) => boolean): Answer {
  if (wanted === null) return known(true);
  return have === undefined ? unanswered('the machine does not state it') : known(isSame(have, wanted));
}

function noVersion(text: string): Answer {
  return unanswered(`version ${text} is not a version`);
}

const COMPARED_PARTS = { Major: 1, MajorMinor: 2, MajorMinorUpdate: 3 } as const;

/** A version that is compared in no way, or in no part, fits. */
function versionFits(wanted: MsiPatchTarget['version'], text: string): Answer {
  const { comparison, filter } = wanted;
  if (compared(wanted) === null || filter === null || filter === 'None') return known(true);
  if (comparison === null || comparison === 'None') return known(true);
  const have = versionParts(text)?.slice(0, COMPARED_PARTS[filter]);
  const want = versionParts(wanted.value)?.slice(0, COMPARED_PARTS[filter]);
  if (have === undefined) return noVersion(text);
  if (want === undefined) return known(false);
  return known(orderHolds(comparison, orderOf(have, want)), text);
}

type Compared = Exclude<NonNullable<MsiPatchTarget['version']['comparison']>, 'None'>;

function orderHolds(comparison: Compared, order: number): boolean {
  switch (comparison) {
    case 'LessThan':
      return order < 0;
    case 'LessThanOrEqual':
      return order <= 0;
    case 'Equal':
      return order === 0;
    case 'GreaterThanOrEqual':
      return order >= 0;
    case 'GreaterThan':
      return order > 0;
  }
}
