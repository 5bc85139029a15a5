import { createHash } from 'node:crypto';
import type { ImportedPackage, PackageEdits } from '../../../core/imported.js';
import { utcMsOf } from '../../../sus/sdp/dates.js';
import type { ForeignCatalog, ForeignDocument, SetAside } from './read.js';

export interface ImportPlan {
  readonly added: readonly ImportedPackage[];
  readonly revised: readonly ImportedPackage[];
  /** The vendor's newest catalog does not have them any more. */
  readonly withdrawn: readonly ImportedPackage[];
  readonly unchanged: number;
  /** Documents to be stored, by SHA-256. */
  readonly documents: ReadonlyMap<string, Buffer>;
  readonly setAside: readonly SetAside[];
  /** Edits that say what the vendor says now. */
  readonly moot: readonly { readonly packageId: string; readonly name: string }[];
}

export interface ImportState {
  /** Of all sources, by PackageID. */
  readonly known: ReadonlyMap<string, ImportedPackage>;
  /** PackageIDs of our own updates. */
  readonly own: ReadonlySet<string>;
  readonly edits: ReadonlyMap<string, PackageEdits>;
}

/**
 * What an import changes: pure, so that a dry run says the same. Of a catalog that was not read whole nothing is
 * withdrawn, for what is missing may be what could not be read.
 */
export function planImport(
  source: string,
  { documents, isWhole }: Pick<ForeignCatalog, 'documents' | 'isWhole'>,
  { known, own, edits }: ImportState,
  now: Date,
): ImportPlan {
  const [added, revised]: [ImportedPackage[], ImportedPackage[]] = [[], []];
  const setAside: SetAside[] = [];
  const store = new Map<string, Buffer>();
  const seen = new Set<string>();
  let unchanged = 0;
  for (const document of documents) {
    const before = known.get(document.packageId);
    const owner = own.has(document.packageId) ? 'our own updates' : before?.source;
    if (owner !== undefined && owner !== source) {
      setAside.push({
        where: document.packageId,
        reason: `this PackageID belongs to ${owner}: one publisher owns it`,
      });
      continue;
    }
    seen.add(document.packageId);
    const record = recordOf(source, document, now);
    if (before?.sdpSha256 === record.sdpSha256 && before.state === 'present') unchanged += 1;
    else if (before !== undefined && utcMsOf(document.creationDate) < utcMsOf(before.creationDate)) {
      setAside.push({
        where: document.packageId,
        reason: `older than what is known: ${document.creationDate} after ${before.creationDate}`,
      });
    } else {
      store.set(record.sdpSha256, document.bytes);
      (before === undefined ? added : revised).push(record);
    }
  }
  const withdrawn = [...known.values()].filter(
    (one) => isWhole && one.source === source && one.state === 'present' && !seen.has(one.packageId),
  );
  return {
    added,
    revised,
    withdrawn: withdrawn.map((one) => ({ ...one, state: 'withdrawn' })),
    unchanged,
    documents: store,
    setAside,
    moot: [...added, ...revised].flatMap((record) => mootEdits(record, edits.get(record.packageId))),
  };
}

function recordOf(source: string, document: ForeignDocument, now: Date): ImportedPackage {
  const { bytes, ...said } = document;
  const sdpSha256 = createHash('sha256').update(bytes).digest('hex');
  return { source, ...said, sdpSha256, state: 'present', importedAt: now.toISOString() };
}

/** Said of an edit, never acted on: it stays until a person clears it. */
function mootEdits(record: ImportedPackage, edits: PackageEdits | undefined): ImportPlan['moot'] {
  const names = ['title', 'vendor', 'product'] as const;
  return names
    .filter((name) => edits?.[name] !== undefined && edits[name] === record[name])
    .map((name) => ({ packageId: record.packageId, name }));
}
