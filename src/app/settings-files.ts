import { accessSync, constants, readFileSync } from 'node:fs';
import { projectPath, type Settings } from '../config/settings.js';
import { PermanentError } from '../core/errors.js';

/** The text of a file that the settings name. PermanentError `configuration.invalid`, with the member that names it. */
export function readSettingsFile(member: string, file: string): string {
  const path = projectPath(file);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PermanentError('configuration.invalid', 'a file that the settings name cannot be read', {
      where: `${member}: ${path}`,
      found: cause instanceof Error ? cause.message : String(cause),
      nextStep: `correct ${member} in the settings, or let the account of this process read the file`,
      cause,
    });
  }
}

/** The same of a file with certificates. */
export function readSettingsPem(member: string, file: string): string {
  const text = readSettingsFile(member, file);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new PermanentError('configuration.invalid', 'a file of certificates cannot be used', {
    where: `${member}: ${projectPath(file)}`,
    expected: 'certificates in PEM',
    found: text.trim() === '' ? 'an empty file' : 'something else',
    nextStep: `correct ${member} in the settings`,
  });
}

export interface SettingsFile {
  /** `gateway.caFile` */
  readonly member: string;
  readonly path: string;
  /** Why this process cannot read it; null: it can. */
  readonly fault: string | null;
}

/** Every file that the settings name. A signer of its own has a user of its own, so its files are not looked at. */
export function lookAtSettingsFiles({ signer, ...rest }: Settings): readonly SettingsFile[] {
  return filesIn(signer.embedded ? { ...rest, signer } : rest, '');
}

function filesIn(members: object, prefix: string): readonly SettingsFile[] {
  return Object.entries(members).flatMap(([name, value]) => {
    const member = `${prefix}${name}`;
    if (typeof value === 'string' && name.endsWith('File')) return [lookAt(member, projectPath(value))];
    return value !== null && typeof value === 'object' ? filesIn(value, `${member}.`) : [];
  });
}

function lookAt(member: string, path: string): SettingsFile {
  try {
    accessSync(path, constants.R_OK);
    return { member, path, fault: null };
  } catch (error) {
    return { member, path, fault: error instanceof Error ? error.message : String(error) };
  }
}
