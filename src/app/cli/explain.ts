import { printable } from '../../core/errors.js';
import { describeLatency } from '../../core/hops.js';
import type { Explanation } from '../../operations/explain.js';
import { openContext } from './context.js';
import { EXIT, type OutputOptions, show } from './output.js';

/** `patchpress explain <product|PackageID>`: why it stands where it stands, and how it came there. */
export async function explain(subject: string, options: OutputOptions): Promise<number> {
  const context = await openContext();
  try {
    const told = await context.operations.explain(subject);
    show(options, told, () => explanationText(told));
    return EXIT.ok;
  } finally {
    await context.close();
  }
}

function explanationText({ about, standing, hops, story }: Explanation): string {
  return [
    printable(about, 200),
    '',
    ...standing.map((line) => printable(line, 1000)),
    ...(hops.length === 0 ? [] : [`The way so far: ${describeLatency(hops)}.`]),
    '',
    ...story.map(({ at, text }) => `${at.slice(0, 19)}Z  ${printable(text, 1000)}`),
  ].join('\n');
}
