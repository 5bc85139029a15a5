import { basename } from 'node:path';
import type { ByteSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import type { ComputeTasks } from '../../core/ports.js';
import { writeCabinet } from '../../formats/cab/index.js';
import { withFileSource } from '../../formats/file-source.js';
import { inspectInstaller } from '../../installers/index.js';
import { compareCatalog } from '../../publishing/configmgr-catalog/compare.js';
import { verifyCatalog } from '../../publishing/configmgr-catalog/verify/index.js';
import { writeCatalog } from '../../publishing/configmgr-catalog/write-catalog.js';
import { verifyFileSignature } from '../../trust/index.js';

export type TaskName = keyof ComputeTasks;

type Tasks = { readonly [K in TaskName]: (input: ComputeTasks[K]['input']) => ComputeTasks[K]['output'] };

/** Everything that may be asked of a thread. Synchronous: a thread does one thing at a time. */
const tasks: Tasks = {
  inspectInstaller: ({ path }) =>
    withStoredFile(path, () =>
      withFileSource(path, (source: ByteSource) => inspectInstaller(source, basename(path))),
    ),
  verifySignature: ({ path, now, trust }) =>
    withStoredFile(path, () => verifyFileSignature(path, trust, new Date(now))),
  writeCabinet: ({ members, outPath, signatureReserve }) =>
    writeCabinet(members, outPath, { signatureReserve }),
  writeCatalog: ({ plan, ...places }) => writeCatalog(plan, places),
  compareCatalog,
  checkCatalog: ({ path, most }) =>
    withFileSource(path, (source) => verifyCatalog(source))
      .findings.filter(({ level }) => level === 'error')
      .slice(0, most),
};

export function runTask<K extends TaskName>(
  task: K,
  input: ComputeTasks[K]['input'],
): ComputeTasks[K]['output'] {
  if (!Object.hasOwn(tasks, task)) throw new PermanentError('internal', `no such task: ${task}`);
  return tasks[task](input);
}

function withStoredFile<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    throw new PermanentError('content.missing', 'the file is gone', {
      where: path,
      nextStep: 'acquire it again',
      cause,
    });
  }
}
