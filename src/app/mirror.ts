import { readFileSync } from 'node:fs';
import { projectPath, type Settings } from '../config/settings.js';
import { createFolderMirror } from '../content/folder-mirror.js';
import { PermanentError } from '../core/errors.js';
import type { Mirror } from '../core/mirror.js';
import { createObjectStoreMirror, type GuardedAgentOptions, type ObjectStoreAccess } from '../net/index.js';

/** Where catalog and content are put for another web server; null: this service alone serves them. */
export function mirrorFrom({ content }: Settings, outside: GuardedAgentOptions): Mirror | null {
  const { mirror } = content;
  if (mirror === undefined) return null;
  if ('folder' in mirror) return createFolderMirror(projectPath(mirror.folder));
  if ('s3' in mirror) {
    const { url, region, accessKeyId, secretKeyFile } = mirror.s3;
    const secretAccessKey = secretIn(secretKeyFile, 'content.mirror.s3.secretKeyFile');
    return store(url, { kind: 's3', region, accessKeyId, secretAccessKey }, outside);
  }
  const { url, sasFile } = mirror.azureBlob;
  const sas = secretIn(sasFile, 'content.mirror.azureBlob.sasFile').replace(/^\?/, '');
  return store(url, { kind: 'azure-blob', sas }, outside);
}

function store(url: string, access: ObjectStoreAccess, outside: GuardedAgentOptions): Mirror {
  return createObjectStoreMirror({ url, access, outside });
}

function secretIn(file: string, member: string): string {
  const path = projectPath(file);
  try {
    const text = readFileSync(path, 'utf8').trim();
    if (text !== '' && !/\s/.test(text)) return text;
  } catch (cause) {
    throw unreadable(member, path, cause instanceof Error ? cause.message : String(cause));
  }
  throw unreadable(member, path, 'not one word');
}

function unreadable(member: string, path: string, found: string): PermanentError {
  return new PermanentError('configuration.invalid', 'the key of the object store cannot be read', {
    where: `${member}: ${path}`,
    expected: 'a file with the key alone',
    found,
    nextStep: 'correct the settings',
  });
}
