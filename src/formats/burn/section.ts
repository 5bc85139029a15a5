import type { ByteSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import { readExactly } from '../byte-reader.js';
import type { PeHeaders } from '../pe/index.js';

const MAGIC = 0x00f14300;
/** u4 magic and version, GUID, u4 stub size, checksum, signature offset and size, format, count, first container's size. */
const SECTION_BYTES = 52;
const AT = { magic: 0, version: 4, stubBytes: 24, format: 40, containers: 44, firstContainer: 48 } as const;
/** The versions of WiX 3.5 to 3.14 and 4 (2), and 5 and later (3): their forms differ behind what is read here. */
const VERSIONS: readonly number[] = [2, 3];
const CABINET = 1;

/** Where a bundle keeps its manifest and bootstrapper: the first container, right behind the stub. */
export interface BurnSection {
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * The `.wixburn` section of a Burn bundle (WiX, burn/stub/StubSection.cpp); null where the file has none.
 * PermanentError `installer.malformed` where it has one that cannot be followed.
 */
export function readBurnSection(source: ByteSource, pe: PeHeaders): BurnSection | null {
  const section = pe.sections.find(({ name }) => name === '.wixburn');
  if (section === undefined) return null;
  const bytes = readExactly(source, section.fileOffset, SECTION_BYTES, 'installer.malformed', '.wixburn');
  const [magic, version, format, containers] = [AT.magic, AT.version, AT.format, AT.containers].map((at) =>
    bytes.readUInt32LE(at),
  );
  if (magic !== MAGIC) throw malformed('the mark 0x00f14300', `0x${(magic ?? 0).toString(16)}`);
  if (!VERSIONS.includes(version ?? 0)) throw malformed(`version ${VERSIONS.join(' or ')}`, `${version}`);
  if (format !== CABINET || !containers) {
    throw malformed('a cabinet as its first container', `format ${format}, ${containers} containers`);
  }
  const offset = bytes.readUInt32LE(AT.stubBytes);
  const sizeBytes = bytes.readUInt32LE(AT.firstContainer);
  if (offset + sizeBytes <= source.sizeBytes) return { offset, sizeBytes };
  throw malformed(`a container within ${source.sizeBytes} bytes`, `${sizeBytes} bytes at ${offset}`);
}

export function malformed(expected: string, found: string): PermanentError {
  return new PermanentError('installer.malformed', 'the Burn bundle cannot be read', {
    expected,
    found,
    nextStep: 'look at what was really downloaded; the file may be damaged or hostile',
  });
}
