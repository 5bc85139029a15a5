import { resolve } from 'node:path';
import { loadSettings } from '../../config/settings.js';
import { openFoundation } from '../foundation.js';
import { createLog } from '../logger.js';
import { runUntilSignal } from '../run-until-signal.js';
import { createService } from '../service.js';
import { serviceOptions } from '../service-options.js';

/** A worker host: the stages and nothing else. It shares database, Redis and content with the service. */
runUntilSignal(async () => {
  const settings = loadSettings();
  const log = createLog({ level: settings.log.level });
  const foundation = await openFoundation({
    ...settings,
    dataDir: resolve(settings.dataDir),
    siteId: settings.siteId ?? null,
    lock: false,
    log,
  });
  const options = serviceOptions(settings, foundation, log);
  const service = await createService({ ...options, contentServer: null, schedule: [], onlyHost: false });
  service.start();
  return {
    async close() {
      await service.close();
      await foundation.close();
    },
  };
});
