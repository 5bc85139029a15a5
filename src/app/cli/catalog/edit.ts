import { z } from 'zod';
import { PermanentError } from '../../../core/errors.js';
import type { PackageEdits } from '../../../core/imported.js';
import type { ContentStore, Ledger } from '../../../core/ports.js';
import { editedDocument } from '../../../publishing/configmgr-catalog/import/index.js';
import { CLASSIFICATIONS } from '../../../sus/namespaces.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { EDITABLE } from './editable.js';
import { shownEdits } from './imported.js';
import { withStores } from './stores.js';

export interface EditOptions extends OutputOptions {
  readonly set?: readonly string[];
  readonly clear?: readonly string[];
}

const Text = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/\S/, 'is blank')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused.
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'has control characters');

/** Lengths of SoftwareDistributionPackage.xsd; `Hotfixes` is refused by WSUS, drivers are another kind of update. */
const Edits = z.strictObject({
  title: Text(200).optional(),
  description: Text(1500).optional(),
  classification: z.enum(CLASSIFICATIONS).exclude(['Hotfixes', 'Drivers']).optional(),
  severity: z.enum(['Critical', 'Important', 'Moderate', 'Low', 'None']).optional(),
  vendor: Text(200).optional(),
  product: Text(200).optional(),
  supersedes: z.array(z.guid().transform((id) => id.toLowerCase())).optional(),
  hidden: z.boolean().optional(),
});
const NAMES = Object.keys(Edits.shape);

/** `patchpress catalog edit`: tried on the document before it is kept. */
export async function editImported(packageId: string, options: EditOptions): Promise<number> {
  const { set = [], clear = [], ...output } = options;
  if (set.length + clear.length === 0) throw wrong('--set or --clear', 'neither');
  const edits = await withStores(({ ledger, content }) =>
    change({ ledger, content }, packageId.toLowerCase(), set, clear),
  );
  const shown = shownEdits(edits ?? undefined);
  show(output, { packageId: packageId.toLowerCase(), edits: shown }, () =>
    edits === null
      ? 'Everything is as the vendor says.'
      : Object.entries(shown)
          .map(([name, value]) => `${name.padEnd(14)} ${String(value)}`)
          .join('\n'),
  );
  return EXIT.ok;
}

async function change(
  { ledger, content }: { readonly ledger: Ledger; readonly content: ContentStore },
  packageId: string,
  set: readonly string[],
  clear: readonly string[],
): Promise<PackageEdits | null> {
  const imported = await ledger.importedPackage(packageId);
  if (imported === null) {
    throw new PermanentError('not-found', 'no such package was imported', {
      where: packageId,
      nextStep: 'list them: patchpress catalog imported',
    });
  }
  const document = await content.get(imported.sdpSha256);
  const editedAt = new Date().toISOString();
  // Merged where it is written: another's edit of the same package is not lost.
  return ledger.transaction(async (tx) => {
    const before = (await tx.packageEdits()).find((one) => one.packageId === packageId);
    const merged = merge(shownEdits(before), set, clear);
    if (merged.supersedes?.includes(packageId)) throw wrong('PackageIDs of other packages', packageId);
    const edits = Object.keys(merged).length === 0 ? null : { packageId, editedAt, ...merged };
    if (edits !== null) editedDocument(document, packageId, edits);
    await tx.putPackageEdits(packageId, edits);
    await tx.appendAudit({
      at: editedAt,
      actor: 'command line',
      action: 'catalog edit',
      subject: packageId,
      detail: JSON.stringify(merged),
    });
    return edits;
  });
}

function merge(
  before: Readonly<Record<string, unknown>>,
  set: readonly string[],
  clear: readonly string[],
): Omit<PackageEdits, 'packageId' | 'editedAt'> {
  const unknown = clear.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw wrong(EDITABLE, unknown);
  const kept = Object.entries(before).filter(([name]) => !clear.includes(name));
  const decoded = Edits.safeParse(Object.fromEntries([...kept, ...set.map(entryOf)]));
  if (decoded.success)
    return Object.fromEntries(Object.entries(decoded.data).filter(([, value]) => value !== undefined));
  const issue = decoded.error.issues[0];
  throw wrong(EDITABLE, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}

function entryOf(text: string): readonly [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw wrong('name=value', text);
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (name === 'supersedes') return [name, value.split(',').map((id) => id.trim())];
  if (name === 'hidden' && (value === 'true' || value === 'false')) return [name, value === 'true'];
  return [name, value];
}

function wrong(expected: string, found: string): PermanentError {
  return new PermanentError('payload.invalid', 'this cannot be edited so', {
    expected,
    found,
    nextStep: 'patchpress catalog edit --help',
  });
}
