import { loadSettings, projectPath } from '../../../config/settings.js';
import { openStores } from '../../foundation.js';

/** The service's own ledger and content, for a question. */
export async function withStores<T>(
  body: (stores: Awaited<ReturnType<typeof openStores>>) => Promise<T>,
): Promise<T> {
  const settings = loadSettings();
  const stores = await openStores({
    ...settings,
    dataDir: projectPath(settings.dataDir),
    siteId: settings.siteId ?? null,
  });
  try {
    return await body(stores);
  } finally {
    await stores.close();
  }
}
