import type { ByteSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import { readCabinet } from '../cab/index.js';
import type { PeHeaders } from '../pe/index.js';
import { type BurnSection, malformed, readBurnSection } from './section.js';

const MAX_MANIFEST_BYTES = 16 << 20;
/** What the binder calls the manifest inside of its container. */
const MANIFEST = '0';

export interface BurnBundle {
  /** `BurnManifest`, as UTF-8; null: its container is packed in a way that is not read here (Quantum). */
  readonly manifest: Buffer | null;
}

/** Null where the file is no Burn bundle (WiX); PermanentError `installer.malformed` where it is a damaged one. */
export function readBurnBundle(source: ByteSource, pe: PeHeaders): BurnBundle | null {
  const section = readBurnSection(source, pe);
  return section === null ? null : { manifest: readManifest(source, section) };
}

function readManifest(source: ByteSource, section: BurnSection): Buffer | null {
  try {
    const cabinet = readCabinet(within(source, section), { maxDecodedBytes: MAX_MANIFEST_BYTES * 4 });
    const member = cabinet.find(MANIFEST);
    if (member === null) throw malformed('a member 0, the manifest', `${cabinet.members.length} others`);
    return cabinet.extract(member, MAX_MANIFEST_BYTES);
  } catch (error) {
    if (!(error instanceof PermanentError) || error.code === 'installer.malformed') throw error;
    if (error.code === 'cabinet.unsupported') return null;
    throw malformed('a sound cabinet as its first container', `${error.message} (${error.found ?? ''})`);
  }
}

function within(source: ByteSource, { offset, sizeBytes }: BurnSection): ByteSource {
  return {
    sizeBytes,
    read: (position, length) =>
      source.read(offset + position, Math.max(0, Math.min(length, sizeBytes - position))),
  };
}
