import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseInventory } from '../../config/inventory.js';
import { loadSettings, projectPath } from '../../config/settings.js';
import { PermanentError, printable } from '../../core/errors.js';
import { type DetectionSuggestion, type InventoryRow, suggestDetections } from '../../core/inventory.js';
import { productsFrom } from '../configure.js';
import { readInput } from './metadata/read.js';
import { EXIT, type OutputOptions, show } from './output.js';

/** `patchpress inventory import FILE`: keeps what computers of the site have, and says whom it may help. */
export async function importInventory(file: string, options: OutputOptions): Promise<number> {
  const rows = parseInventory(readInput(file).toString('utf8'), file);
  keep(rows);
  return suggest(rows, [], options);
}

/** `patchpress inventory suggest [id...]`: from what was imported last. */
export async function suggestFromInventory(ids: readonly string[], options: OutputOptions): Promise<number> {
  const place = inventoryFile();
  if (!existsSync(place)) {
    throw new PermanentError('not-found', 'no inventory was imported', {
      where: place,
      nextStep: 'patchpress inventory import FILE',
    });
  }
  return suggest(parseInventory(readInput(place).toString('utf8'), place), ids, options);
}

function inventoryFile(): string {
  return join(projectPath(loadSettings().dataDir), 'inventory.json');
}

/** Takes the place of what was imported before, at once. */
function keep(rows: readonly InventoryRow[]): void {
  const place = inventoryFile();
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(`${place}.new`, `${JSON.stringify(rows)}\n`);
  renameSync(`${place}.new`, place);
}

function suggest(rows: readonly InventoryRow[], ids: readonly string[], options: OutputOptions): number {
  const wanted = new Set(ids.map((id) => id.toLowerCase()));
  const products = productsFrom(loadSettings().productDirs)
    .all()
    .filter(({ id }) => wanted.size === 0 || wanted.has(id.toLowerCase()));
  const suggestions = suggestDetections(products, rows);
  show(options, { rows: rows.length, suggestions }, () =>
    [
      ...suggestions.map(describe),
      `${rows.length} different entries, ${suggestions.length} suggestions. Put the one that is right into the definition as "detection".`,
    ].join('\n\n'),
  );
  return EXIT.ok;
}

function describe({ productId, detection, computers, versions }: DetectionSuggestion): string {
  const seen = versions.slice(0, 5).join(', ');
  const detail = `${productId}: ${computers} computers, versions ${seen}${versions.length > 5 ? ', ...' : ''}`;
  return `${printable(detail, 300)}\n${printable(JSON.stringify(detection), 1000)}`;
}
