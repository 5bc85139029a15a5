import { startSigner } from '../../../signing/server.js';
import { loadSettings, projectPath } from '../../config/settings.js';
import { runAsNodeChild } from '../children/node-child.js';
import { runUntilSignal } from '../run-until-signal.js';
import { type SignerConfiguration, type SignerReady, signerConfiguration } from '../signer.js';

/** The signer: the only process that reads the private key. A child of the service, or a service of its own. */
async function start(
  configuration: SignerConfiguration,
): Promise<{ ready: SignerReady; close(): Promise<void> }> {
  const signer = await startSigner({ ...configuration, now: () => new Date() });
  const ready = { ...signer.certificate, content: signer.contentCertificate };
  return { ready, close: () => signer.close() };
}

if (process.send === undefined) {
  runUntilSignal(async () => {
    const settings = loadSettings();
    const configuration = signerConfiguration(settings, projectPath(settings.dataDir));
    const { ready, close } = await start(configuration);
    process.stderr.write(
      `signing as ${ready.subject} (${ready.thumbprint}) on ${configuration.socketPath}\n`,
    );
    return { close };
  });
} else {
  runAsNodeChild(start);
}
