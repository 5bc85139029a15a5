import { loadSettings } from '../../config/settings.js';
import { withFileSource } from '../../formats/file-source.js';
import { inspectInstaller } from '../../installers/index.js';
import { verifyFileSignature } from '../../trust/index.js';
import { trustFrom } from '../configure.js';
import { EXIT, type OutputOptions, show } from './output.js';

/** `patchpress inspect FILE`: what an installer says about itself and who signed it. Nothing of it is run. */
export async function inspect(file: string, options: OutputOptions): Promise<number> {
  const trust = trustFrom(loadSettings());
  const result = {
    inspection: withFileSource(file, (source) => inspectInstaller(source, file)),
    signature: verifyFileSignature(file, trust, new Date()),
  };
  show(options, result, () => JSON.stringify(result, withoutBytes, 2));
  return EXIT.ok;
}

function withoutBytes(name: string, value: unknown): unknown {
  return name === 'certificateDer' ? undefined : value;
}
