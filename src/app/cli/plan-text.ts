import { printable } from '../../core/errors.js';
import type { Plan } from '../../core/plan.js';

/** A plan as lines for a terminal. */
export function planText(plan: Plan): string {
  return [
    `${plan.verb}: ${printable(plan.about, 200)}`,
    ...(plan.packageId === null ? [] : [`PackageID  ${packageIdText(plan.packageId)}`]),
    ...(plan.revision === null ? [] : [`revision   ${plan.revision.from ?? 'none'} -> ${plan.revision.to}`]),
    ...(plan.catalogRevision === null
      ? []
      : [
          `catalog    revision ${plan.catalogRevision.from ?? 'none'} -> ${plan.catalogRevision.to} or later`,
        ]),
    ...section('does', plan.does),
    ...section('clients', plan.clients),
    ...(plan.nothing === null
      ? [`plan       ${plan.digest}`]
      : ['', `nothing to do: ${printable(plan.nothing)}`]),
  ].join('\n');
}

function packageIdText({ from, to }: NonNullable<Plan['packageId']>): string {
  return from === to ? `${from} (stays)` : `${from} -> ${to} (changes)`;
}

function section(name: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${(index === 0 ? name : '').padEnd(11)}${printable(line)}`);
}
