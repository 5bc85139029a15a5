import type { QueueCounts } from '../../core/ports.js';
import { STAGES, type StageName } from '../../core/stage.js';
import { type Html, html } from '../html.js';
import type { Status } from '../status-source.js';
import { timeElement } from './time.js';

/** The six queues, the catalog, and when the next sync is. */
export function lineSection({ status, now }: { readonly status: Status; readonly now: Date }): Html {
  return html`<section data-live="line" class="line">
<ol class="queues" aria-label="Queues">${queues(status)}</ol>
<dl class="facts">
<div><dt>Catalog</dt><dd>${catalog(status, now)}</dd></div>
<div><dt>Next sync</dt><dd>${nextSync(status, now)}</dd></div>
<div><dt>Names in WSUS</dt><dd>${vocabulary(status)}</dd></div>
<div><dt>Left to do</dt><dd><b>${status.unfinished}</b></dd></div>
</dl></section>`;
}

function queues(status: Status): Html | readonly Html[] {
  const { queues: all } = status;
  if (all === null) {
    return html`<li class="bad">The queue does not answer; nothing is lost, it is filled again from the ledger.</li>`;
  }
  return STAGES.map((stage) => queue(stage, all[stage]));
}

function queue(stage: StageName, { waiting, active, delayed }: QueueCounts): Html {
  const counts = [
    ...(active === 0 ? [] : [`${active} running`]),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
    ...(delayed === 0 ? [] : [`${delayed} later`]),
  ];
  const kind = active > 0 ? 'active' : counts.length > 0 ? 'filled' : 'idle';
  return html`<li class="${kind}">${stage} <span class="sub-inline">${counts.join(' · ') || '0'}</span></li>`;
}

function catalog({ catalog: newest }: Status, now: Date): Html {
  if (newest === null) return html`none yet`;
  const { revision, createdAt, cabSha256 } = newest;
  return html`revision <b>${revision}</b>, ${timeElement(createdAt, now)} <code title="SHA-256 ${cabSha256}">${cabSha256.slice(0, 12)}</code>`;
}

function vocabulary({ vocabulary: { all, level, limits, catalogs } }: Status): Html {
  const each = catalogs.map(
    ({ name, vendors, products }) => `${name}: ${vendors} vendors, ${products} products`,
  );
  const warning = { few: '', near: ' (nearly too many)', over: ' (too many: scans break)' }[level];
  return html`<span class="${level === 'few' ? '' : 'bad'}" title="${each.join('; ')}">${all.vendors} of ${limits.vendors} vendors, ${all.products} of ${limits.products} products${warning}</span>`;
}

function nextSync({ schedule }: Status, now: Date): Html {
  if (schedule.length === 0) return html`not scheduled`;
  const times = schedule.map(
    ({ catalog: name, at }) => html`${name} ${at === null ? 'not scheduled' : timeElement(at, now)} `,
  );
  return html`${times}`;
}
