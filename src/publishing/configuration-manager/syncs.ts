import type { Clock, Site } from '../../core/ports.js';

/** The site's synchronizations, shared by all updates that wait for them: they cost the site much and serve everyone. */
export interface SiteSyncs {
  /** The catalog, then the software updates. A run that started after `since` serves. */
  refresh(since: Date): Promise<void>;
  /** The software updates; a run that starts after this call. */
  show(): Promise<void>;
}

export function createSiteSyncs(site: Site, clock: Clock): SiteSyncs {
  let refreshedAt: Date | null = null;
  const refresh = createSharedRun(async () => {
    const startedAt = clock.now();
    await site.syncCatalogs();
    await site.syncSoftwareUpdates();
    refreshedAt = startedAt;
  });
  return {
    async refresh(since) {
      if (refreshedAt === null || refreshedAt <= since) await refresh();
    },
    show: createSharedRun(() => site.syncSoftwareUpdates()),
  };
}

/** Whoever asks is served by a run that started after the asking; those who ask while one runs share the next. */
export function createSharedRun(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const start = (): Promise<void> => {
    next = null;
    const mine = run().finally(() => {
      if (running === mine) running = null;
    });
    running = mine;
    return mine;
  };
  return () => {
    if (next !== null) return next;
    if (running === null) return start();
    next = running.catch(() => undefined).then(start);
    return next;
  };
}
