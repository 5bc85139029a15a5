import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { PROJECT_ROOT } from '../../../src/config/project-root.js';

const FOLDER = join(PROJECT_ROOT, 'test/formats/inno/samples');

export const SAMPLES = readdirSync(FOLDER).map((name) => name.replace(/\.bin$/, ''));

/** The beginning of `setup.0` as a compiler made it. */
export function sample(name: string): Buffer {
  return readFileSync(join(FOLDER, `${name}.bin`));
}

export interface Crafted {
  readonly id: string;
  readonly texts: readonly string[];
  /** Bytes behind the texts. */
  readonly numbers?: Buffer;
  readonly encoding?: 'utf16le' | 'latin1';
  /** EncryptionUse; absent: no encryption header, as before 6.5. */
  readonly encryption?: number;
}

/** A `setup.0` that no compiler made: texts and numbers in one stored block. */
export function craft({ id, texts, numbers, encoding = 'utf16le', encryption }: Crafted): Buffer {
  const name = Buffer.alloc(64);
  name.write(id, 'latin1');
  const fields = texts.flatMap((text) => {
    const bytes = Buffer.from(text, encoding);
    return [u4(bytes.length), bytes];
  });
  const header = Buffer.concat([...fields, Buffer.alloc(4 * 4), numbers ?? Buffer.alloc(0)]);
  const use = encryption === undefined ? [] : [checked(Buffer.from([encryption, ...Buffer.alloc(48)]))];
  return Buffer.concat([name, ...use, block(header)]);
}

function block(data: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < data.length; at += 4096) pieces.push(checked(data.subarray(at, at + 4096)));
  const stored = Buffer.concat(pieces);
  return Buffer.concat([checked(Buffer.concat([u4(stored.length), Buffer.from([0])])), stored]);
}

function checked(data: Buffer): Buffer {
  return Buffer.concat([u4(crc32(data)), data]);
}

function u4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
