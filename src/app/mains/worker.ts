import { loadSettings, projectPath, type Settings } from '../../config/settings.js';
import { PermanentError } from '../../core/errors.js';
import { openFoundation } from '../foundation.js';
import { createLog } from '../logger.js';
import { runUntilSignal } from '../run-until-signal.js';
import { createService } from '../service.js';
import { serviceOptions } from '../service-options.js';

/** A worker host: the stages, and the schedule while no other host leads it. It shares database, Redis and content with the service. */
runUntilSignal(async () => {
  const settings = loadSettings();
  requireShared(settings);
  const log = createLog({ level: settings.log.level });
  const foundation = await openFoundation({
    ...settings,
    dataDir: projectPath(settings.dataDir),
    siteId: settings.siteId ?? null,
    lock: false,
    log,
  });
  const options = serviceOptions(settings, foundation, log);
  const service = await createService({ ...options, contentServer: null, onlyHost: false });
  service.start();
  return {
    async close() {
      await service.close();
      await foundation.close();
    },
  };
});

/** A worker with a Redis or a ledger of its own would work on nothing. */
function requireShared({ redisUrl, databaseUrl }: Settings): void {
  if (redisUrl !== null && databaseUrl !== null) return;
  throw new PermanentError(
    'configuration.invalid',
    'a worker host shares Redis and database with the service',
    {
      expected: 'REDIS_URL and DATABASE_URL',
      found: `${redisUrl === null ? 'no REDIS_URL' : 'REDIS_URL'}, ${databaseUrl === null ? 'no DATABASE_URL' : 'DATABASE_URL'}`,
      nextStep: 'set both as for the service; without them the service itself does all the work',
    },
  );
}
