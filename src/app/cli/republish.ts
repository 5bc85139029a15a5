import { openContext } from './context.js';
import { EXIT, type OutputOptions, show } from './output.js';
import { carriedOn, operatorName } from './sync.js';

/** `patchpress republish <PackageID>`: the metadata again, under the same PackageID with a higher revision. */
export async function republish(
  packageId: string,
  options: OutputOptions & { readonly reason: string },
): Promise<number> {
  const context = await openContext();
  try {
    const started = await context.operations.republish({
      packageId: packageId.toLowerCase(),
      intent: 'revise',
      reason: options.reason,
      operator: { name: operatorName() },
    });
    const { isServed } = context;
    show(options, { ...started, isServed }, () =>
      [
        `${started.packageId} keeps its id; revision ${started.fromRevision} is followed by a new one.`,
        carriedOn(isServed),
      ].join('\n'),
    );
    return EXIT.ok;
  } finally {
    await context.close();
  }
}
