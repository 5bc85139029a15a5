import type { ByteSource } from '../../core/bytes.js';
import { type DirectoryEntry, formatGuid, readDirectory } from './directory.js';
import { type CfbHeader, malformed, readCfbHeader } from './header.js';
import { followChain, SectorReader } from './sectors.js';

export interface CompoundFile {
  /** Of the root: `{000C1084-...}` is an MSI database, `{000C1086-...}` a patch. */
  readonly clsid: string;
  readonly root: DirectoryEntry;
  /** Bytes behind the last sector in use: part of no stream, so no digest covers them. */
  readonly trailingBytes: number;
  /** A stream of the root by its raw name, or null. */
  stream(name: string): DirectoryEntry | null;
  /** The whole stream; PermanentError `installer.malformed` when it is larger than `limitBytes`. */
  read(stream: DirectoryEntry, limitBytes: number): Buffer;
  /** The stream in pieces of about 1 MiB. */
  pieces(stream: DirectoryEntry): Iterable<Buffer>;
}

/**
 * Opens a compound file ([MS-CFB]) without loading it: FAT and directory are read, streams on demand. Nothing of it is
 * trusted; PermanentError `installer.malformed`.
 */
export function openCompoundFile(source: ByteSource): CompoundFile {
  const header = readCfbHeader(source);
  const sectors = new SectorReader(source, header);
  const directory = sectors.chain(header.firstDirectorySector, null);
  const table = Buffer.concat([...sectors.pieces(directory, directory.length * header.sectorBytes)]);
  const root = readDirectory(table, header.majorVersion);
  checkSizes(root, source, header);
  const mini = miniStream(root, header, sectors);

  const pieces = (stream: DirectoryEntry): Iterable<Buffer> => {
    if (stream.sizeBytes === 0) return [];
    if (stream.sizeBytes < header.miniCutoffBytes) return [mini().read(stream)];
    const count = Math.ceil(stream.sizeBytes / header.sectorBytes);
    return sectors.pieces(sectors.chain(stream.firstSector, count), stream.sizeBytes);
  };
  return {
    clsid: formatGuid(root.clsidBytes),
    root,
    trailingBytes: Math.max(0, source.sizeBytes - sectors.usedBytes()),
    stream: (name) => root.children.find((entry) => entry.kind === 'stream' && entry.name === name) ?? null,
    read(stream, limitBytes) {
      if (stream.sizeBytes > limitBytes) {
        throw malformed('a stream is too large', `at most ${limitBytes} bytes`, `${stream.sizeBytes}`);
      }
      return Buffer.concat([...pieces(stream)]);
    },
    pieces,
  };
}

/** Streams cannot share sectors, so all of them together are not larger than the file: bounds every later read. */
function checkSizes(root: DirectoryEntry, source: ByteSource, header: CfbHeader): void {
  let large = 0;
  let small = 0;
  const add = (entry: DirectoryEntry): void => {
    for (const child of entry.children) {
      if (child.kind !== 'stream') add(child);
      else if (child.sizeBytes >= header.miniCutoffBytes) large += child.sizeBytes;
      else small += child.sizeBytes;
    }
  };
  add(root);
  if (large > source.sizeBytes || small > root.sizeBytes || root.sizeBytes > source.sizeBytes) {
    throw malformed(
      'streams are larger than the file',
      `at most ${source.sizeBytes} bytes`,
      `${large + small}`,
    );
  }
}

/** The mini stream [MS-CFB] 2.4: 64-byte sectors inside the root's stream, with a FAT of their own. */
function miniStream(root: DirectoryEntry, header: CfbHeader, sectors: SectorReader) {
  let opened: { read(stream: DirectoryEntry): Buffer } | null = null;
  return () => {
    opened ??= openMiniStream(root, header, sectors);
    return opened;
  };
}

function openMiniStream(root: DirectoryEntry, header: CfbHeader, sectors: SectorReader) {
  const chain = sectors.chain(root.firstSector, Math.ceil(root.sizeBytes / header.sectorBytes));
  const fatChain = sectors.chain(header.firstMiniFatSector, null);
  const fatBytes = Buffer.concat([...sectors.pieces(fatChain, fatChain.length * header.sectorBytes)]);
  const fat = Uint32Array.from({ length: fatBytes.length / 4 }, (_, index) =>
    fatBytes.readUInt32LE(index * 4),
  );
  const most = Math.ceil(root.sizeBytes / header.miniSectorBytes);
  return {
    read(stream: DirectoryEntry): Buffer {
      const count = Math.ceil(stream.sizeBytes / header.miniSectorBytes);
      const parts = followChain(fat, stream.firstSector, count, most).map((sector, index) => {
        const offset = sector * header.miniSectorBytes;
        const length = Math.min(header.miniSectorBytes, stream.sizeBytes - index * header.miniSectorBytes);
        const home = chain[Math.floor(offset / header.sectorBytes)];
        if (home === undefined || offset + length > root.sizeBytes) {
          throw malformed('a mini sector is outside', `${root.sizeBytes} bytes`, `offset ${offset}`);
        }
        return sectors.read(home, offset % header.sectorBytes, length);
      });
      return Buffer.concat(parts);
    },
  };
}
