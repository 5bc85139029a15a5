import { signCabinet } from '../../../../signing/authenticode/index.js';
import { openKeyFile } from '../../../../signing/key-file.js';
import { loadSettings } from '../../../config/settings.js';
import { PermanentError } from '../../../core/errors.js';
import { trustFrom } from '../../configure.js';
import { readCertificateBundle } from '../../pem.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { refuseOverwriting } from './create.js';

export interface SignOptions extends OutputOptions {
  readonly out: string;
  readonly key: string;
  /** Name of the environment variable that holds the password. */
  readonly passwordEnv?: string;
  /** False: `--no-timestamp`. */
  readonly timestamp: string | boolean;
  readonly timestampRoots?: string;
  readonly publisher?: string;
  readonly force?: boolean;
}

/** `patchpress cab sign FILE --out FILE --key FILE`: a signed copy of a cabinet that was written with a reserve. */
export async function signCab(file: string, options: SignOptions): Promise<number> {
  const { out, key, passwordEnv, publisher, force = false } = options;
  refuseOverwriting(out, force);
  const now = new Date();
  const identity = await openKeyFile(
    { path: key, password: passwordOf(passwordEnv), createSubject: null },
    now,
  );
  await signCabinet({
    unsignedPath: file,
    signedPath: out,
    identity,
    timestamp: timestampOf(options),
    ...(publisher === undefined ? {} : { publisherName: publisher }),
  });
  show(options, { file, out }, () => `${out}: signed`);
  return EXIT.ok;
}

/** A password on the command line could be read by everyone on the machine. */
function passwordOf(name: string | undefined): string {
  if (name === undefined) return '';
  const password = process.env[name];
  if (password !== undefined) return password;
  throw new PermanentError('configuration.invalid', 'the password is not there', {
    where: `environment variable ${name}`,
    nextStep: 'set it, or leave --password-env out',
  });
}

function timestampOf({ timestamp, timestampRoots }: SignOptions) {
  if (timestamp === false) return null;
  const settings = loadSettings();
  const urls = typeof timestamp === 'string' ? [timestamp] : settings.signer.timestampUrls;
  if (urls.length === 0) {
    throw new PermanentError('configuration.invalid', 'no timestamp authority is named', {
      expected: '--timestamp URL, or signer.timestampUrls in the settings',
      nextStep: 'name one; --no-timestamp makes a signature that ends with its certificate',
    });
  }
  const roots =
    timestampRoots === undefined
      ? trustFrom(settings).timestampRoots
      : readCertificateBundle(timestampRoots, '--timestamp-roots');
  return { urls, roots, now: () => new Date() };
}
