import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCabinet } from '../../../src/formats/cab/index.js';

const FILE_ALIGNMENT = 512;
const HEADERS_BYTES = 1024;

export interface BundleParts {
  readonly manifest: string;
  readonly machine?: number;
  /** Over the section's 52 bytes, before it is written. */
  readonly change?: (section: Buffer) => void;
}

/**
 * A Burn bundle without code, from the form that WiX documents (burn/stub/StubSection.cpp): a PE with the section
 * `.wixburn`, and behind it a cabinet whose member `0` is the manifest.
 */
export function writeBundle(folder: string, { manifest, machine = 0x14c, change }: BundleParts): Buffer {
  const path = join(folder, 'ux.cab');
  const member = (name: string, text: string) => ({
    name,
    modified: '2026-01-01T00:00:00Z',
    content: { bytes: Buffer.from(text) },
  });
  writeCabinet([member('0', manifest), member('u0', 'bootstrapper')], path, { signatureReserve: false });
  const container = readFileSync(path);
  const stub = writeStub(machine, container.length, change);
  return Buffer.concat([stub, container]);
}

function writeStub(machine: number, containerBytes: number, change: BundleParts['change']): Buffer {
  const stub = Buffer.alloc(HEADERS_BYTES + FILE_ALIGNMENT);
  const section = Buffer.alloc(52);
  section.writeUInt32LE(0x00f14300, 0);
  section.writeUInt32LE(2, 4);
  section.fill(0xab, 8, 24);
  section.writeUInt32LE(stub.length, 24);
  section.writeUInt32LE(1, 40);
  section.writeUInt32LE(1, 44);
  section.writeUInt32LE(containerBytes, 48);
  change?.(section);
  writeHeaders(stub, machine);
  section.copy(stub, HEADERS_BYTES);
  return stub;
}

/** DOS header, COFF header, PE32 optional header with 16 empty directories, one section. */
function writeHeaders(stub: Buffer, machine: number): void {
  const peAt = 64;
  const optionalAt = peAt + 24;
  const sectionAt = optionalAt + 224;
  stub.write('MZ', 0, 'latin1');
  stub.writeUInt32LE(peAt, 60);
  stub.write('PE\0\0', peAt, 'latin1');
  stub.writeUInt16LE(machine, peAt + 4);
  stub.writeUInt16LE(1, peAt + 6);
  stub.writeUInt16LE(224, peAt + 20);
  stub.writeUInt16LE(0x10b, optionalAt);
  stub.writeUInt32LE(HEADERS_BYTES, optionalAt + 60);
  stub.writeUInt32LE(16, optionalAt + 92);
  stub.write('.wixburn', sectionAt, 'latin1');
  stub.writeUInt32LE(FILE_ALIGNMENT, sectionAt + 8);
  stub.writeUInt32LE(0x1000, sectionAt + 12);
  stub.writeUInt32LE(FILE_ALIGNMENT, sectionAt + 16);
  stub.writeUInt32LE(HEADERS_BYTES, sectionAt + 20);
}
