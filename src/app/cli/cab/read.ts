import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeFault, PermanentError, printable } from '../../../core/errors.js';
import { type Cabinet, nameFault, readCabinet } from '../../../formats/cab/index.js';
import { withFileSource } from '../../../formats/file-source.js';
import { table } from '../../table.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { statNamedFile } from '../named-file.js';
import { describeSignature, signatureFacts, verifyWith } from '../signature.js';
import { refuseOverwriting } from './create.js';

/** What all members together may unfold to. */
const MOST_BYTES = 8 * 2 ** 30;

/** `patchpress cab list FILE`. */
export async function listCab(file: string, output: OutputOptions): Promise<number> {
  const result = withCabinet(file, ({ sizeBytes, folders, members }) => ({
    file,
    sizeBytes,
    folders: folders.map(({ compression, blocks }) => ({ compression, blocks })),
    members: members.map(({ name, sizeBytes, modified, folder }) => ({ name, sizeBytes, modified, folder })),
  }));
  show(output, result, () =>
    table(
      ['size', 'modified', 'name'],
      result.members.map((one) => [String(one.sizeBytes), one.modified ?? '-', printable(one.name, 300)]),
    ),
  );
  return EXIT.ok;
}

/** `patchpress cab extract FILE --out DIR`: every member at its place below DIR, or nothing where a name leads elsewhere. */
export async function extractCab(
  file: string,
  { out, force = false, ...output }: OutputOptions & { out: string; force?: boolean },
): Promise<number> {
  const extracted = withCabinet(file, (cabinet) => {
    const places = cabinet.members.map(({ name }) => placeOf(name, file));
    for (const place of places) refuseOverwriting(join(out, place), force);
    return writeMembers(cabinet, file, out);
  });
  show(output, { file, out, members: extracted }, () => `${extracted.length} files below ${out}`);
  return EXIT.ok;
}

function writeMembers(cabinet: Cabinet, file: string, out: string): readonly string[] {
  const written: string[] = [];
  for (const { member, bytes } of cabinet.extractAll(MOST_BYTES)) {
    const path = join(out, placeOf(member.name, file));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    written.push(member.name);
  }
  return written;
}

/** A stored name is untrusted: what could leave the folder, or is no file name on Windows, is refused. */
function placeOf(name: string, file: string): string {
  const path = name.replaceAll('/', '\\');
  const fault = nameFault(path);
  if (fault === null) return join(...path.split('\\'));
  throw new PermanentError('cabinet.malformed', `a member's name ${fault}`, {
    where: printable(`${file}: ${name}`, 300),
    expected: 'a relative path',
    nextStep: 'do not trust this cabinet; nothing of it was written',
  });
}

/** `patchpress cab verify FILE`: every block is read, and the signature verified; exit code 1 unless all is well. */
export async function verifyCab(
  file: string,
  { trust, ...output }: OutputOptions & { trust?: string },
): Promise<number> {
  statNamedFile(file);
  const signature = verifyWith(file, trust);
  const fault = soundness(file);
  const isGood = fault === null && signature.status === 'valid';
  const result = { file, isGood, fault, signature: signatureFacts(signature) };
  show(output, result, () => [fault ?? 'every block is sound', describeSignature(signature)].join('\n'));
  return isGood ? EXIT.ok : EXIT.negative;
}

function soundness(file: string): string | null {
  try {
    withCabinet(file, (cabinet) => {
      for (const _ of cabinet.extractAll(MOST_BYTES));
    });
    return null;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return describeFault(error);
  }
}

function withCabinet<T>(file: string, body: (cabinet: Cabinet) => T): T {
  statNamedFile(file);
  return withFileSource(file, (source) => body(readCabinet(source, { maxDecodedBytes: MOST_BYTES })));
}
