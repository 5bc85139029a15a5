import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Site } from '../../../src/core/ports.js';
import { createSharedRun, createSiteSyncs } from '../../../src/publishing/configuration-manager/syncs.js';

test('who asks while a run is on shares the next one, which starts after the asking', async () => {
  const ends: (() => void)[] = [];
  const shared = createSharedRun(() => new Promise<void>((resolve) => ends.push(resolve)));
  const first = shared();
  const later = [shared(), shared(), shared()];
  assert.equal(ends.length, 1);
  ends[0]?.();
  await first;
  await Promise.resolve();
  assert.equal(ends.length, 2);
  const last = shared();
  ends[1]?.();
  await Promise.all(later);
  await Promise.resolve();
  assert.equal(ends.length, 3, 'asked after the second had started');
  ends[2]?.();
  await last;
});

test('a run that fails fails for those it served, not for the next', async () => {
  let runs = 0;
  const shared = createSharedRun(async () => {
    runs += 1;
    if (runs === 1) throw new Error('busy');
  });
  const first = shared();
  const second = shared();
  await assert.rejects(first, /busy/);
  await second;
  await shared();
  assert.equal(runs, 3);
});

test('one refresh serves all who wait for something older, and a failed one nobody', async () => {
  const calls: string[] = [];
  let now = new Date('2026-11-24T10:00:00.000Z');
  let isDown = true;
  const site = {
    syncCatalogs: async () => {
      calls.push('catalogs');
      if (isDown) throw new Error('down');
    },
    syncSoftwareUpdates: async () => void calls.push('updates'),
  } as unknown as Site;
  const syncs = createSiteSyncs(site, { now: () => now });
  const published = new Date('2026-11-24T09:59:00.000Z');
  await assert.rejects(syncs.refresh(published), /down/);
  isDown = false;
  await syncs.refresh(published);
  await syncs.refresh(published);
  assert.deepEqual(calls, ['catalogs', 'catalogs', 'updates']);
  await syncs.refresh(now);
  assert.equal(calls.length, 5, 'a run that started at that very moment may have started before');
  now = new Date('2026-11-24T10:05:00.000Z');
  await syncs.refresh(new Date('2026-11-24T10:04:00.000Z'));
  assert.equal(calls.length, 7);
});
