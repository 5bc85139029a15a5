import type { VersionScheme } from '../core/ports.js';

/** What is left of versions of which a person said that some never were any; equal by the scheme is the same version. */
export function withoutDisowned<One extends { readonly version: string }>(
  all: readonly One[],
  disowned: readonly string[],
  scheme: Pick<VersionScheme, 'compare'>,
): readonly One[] {
  return disowned.length === 0
    ? all
    : all.filter(({ version }) => !disowned.some((one) => scheme.compare(one, version) === 0));
}
