import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import {
  type CabinetInput,
  packBlocks,
  readCabinet,
  writeCabinetFolders,
} from '../../../src/formats/cab/index.js';
import { mustRun, pseudoRandom, temporaryFolder } from '../programs.js';

function input(name: string, bytes: Buffer): CabinetInput {
  return { name, modified: '2026-11-24T09:00:00Z', sizeBytes: bytes.length, pieces: () => [bytes] };
}

const random = pseudoRandom(11);
const FOLDERS = [
  [input('root.xml', Buffer.from('catalogue '.repeat(9000)))],
  [input('a', random.bytes(70_000)), input('b', Buffer.from('b')), input('c', Buffer.alloc(0))],
  [input('d', Buffer.alloc(32_768, 3))],
] as const;

test('a folder that was packed before is copied as it is, and every program reads the cabinet', (t) => {
  const folder = temporaryFolder(t);
  const plain = join(folder, 'plain.cab');
  const copied = join(folder, 'copied.cab');
  writeCabinetFolders(
    FOLDERS.map((members) => ({ members })),
    plain,
    { signatureReserve: true },
  );
  writeCabinetFolders(
    FOLDERS.map((members) => {
      const blocks = Buffer.concat([...packBlocks(members)]);
      return {
        members: members.map(({ name, modified, sizeBytes }) => ({ name, modified, sizeBytes })),
        packed: () => [blocks],
      };
    }),
    copied,
    { signatureReserve: true },
  );
  assert.ok(readFileSync(copied).equals(readFileSync(plain)));
  const cabinet = readCabinet(bufferSource(readFileSync(plain)));
  assert.equal(cabinet.folders.length, 3);
  for (const member of cabinet.members) {
    const [expected] =
      FOLDERS.flat()
        .find(({ name }) => name === member.name)
        ?.pieces() ?? [];
    assert.ok(expected !== undefined);
    assert.ok(Buffer.concat([...cabinet.pieces(member)]).equals(expected), member.name);
  }
  mustRun(t, 'cabextract', ['-t', plain], folder);
  mustRun(t, 'gcab', ['-t', plain], folder);
  mustRun(t, '7z', ['t', plain], folder);
});

test('more folders than the header can count are refused before anything is written', (t) => {
  const folders = Array.from({ length: 65_536 }, () => ({ members: [] }));
  const [first] = FOLDERS;
  assert.throws(
    () =>
      writeCabinetFolders([{ members: first }, ...folders], join(temporaryFolder(t), 'x.cab'), {
        signatureReserve: false,
      }),
    (error: unknown) => error instanceof PermanentError && /too many folders/.test(error.message),
  );
});
