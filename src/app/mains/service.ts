import { loadSettings, projectPath } from '../../config/settings.js';
import { dashboardPlace, openDashboard } from '../dashboard.js';
import { openFoundation } from '../foundation.js';
import { createLog } from '../logger.js';
import { runUntilSignal } from '../run-until-signal.js';
import { createService } from '../service.js';
import { serviceOptions } from '../service-options.js';
import { keepSignerChild, signerConfiguration } from '../signer.js';

/** `npm start`: dashboard, catalog and content server, schedule, all workers, and the signer as a child. */
runUntilSignal(async () => {
  const settings = loadSettings();
  const dataDir = projectPath(settings.dataDir);
  const log = createLog({ level: settings.log.level });
  const foundation = await openFoundation({
    ...settings,
    dataDir,
    siteId: settings.siteId ?? null,
    lock: true,
    log,
  });
  const closing: (() => Promise<void>)[] = [() => foundation.close()];
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end();
  };
  try {
    const options = serviceOptions(settings, foundation, log);
    if (settings.signer.embedded) {
      const signer = await keepSignerChild(signerConfiguration(settings, dataDir), log);
      closing.push(() => signer.stop());
    }
    const service = await createService(options);
    closing.push(() => service.close());
    const dashboard = await openDashboard(dashboardPlace(settings), dataDir, service, log);
    closing.push(() => dashboard.close());
    service.start();
    process.stderr.write(welcome(dashboard, options.contentBaseUrl, options.catalog.name));
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
});

function welcome(
  { url, firstPassword }: { readonly url: string; readonly firstPassword: string | null },
  contentBaseUrl: string,
  catalog: string,
): string {
  const lines = [
    `Dashboard  ${url}`,
    `Catalog    ${contentBaseUrl}/catalogs/${catalog}.cab`,
    ...(firstPassword === null
      ? []
      : [
          `Password   ${firstPassword}`,
          '           shown this once; set your own with: npm run patchpress -- password',
        ]),
  ];
  return `${lines.join('\n')}\n`;
}
