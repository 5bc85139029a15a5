import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PermanentError, printable } from '../../../core/errors.js';
import { type Computer, readComputers } from '../../../lab/software-update-point/computers.js';
import { databaseFile, openDatabase } from '../../../lab/software-update-point/database.js';
import { table } from '../../table.js';
import { EXIT, type OutputOptions, show } from '../output.js';

export interface SupStatusOptions extends OutputOptions {
  readonly data: string;
}

/** `patchpress lab sup status`: also while the server runs. */
export async function supStatus({ data, ...output }: SupStatusOptions): Promise<number> {
  const folder = resolve(data);
  if (!existsSync(databaseFile(folder))) {
    throw new PermanentError('not-found', 'no Software Update Point has run on this folder', {
      where: folder,
      nextStep: 'patchpress lab start --sup --data <dir>, or name its folder with --data',
    });
  }
  const database = openDatabase(folder);
  try {
    const computers = readComputers(database);
    show(output, { computers }, () => statusText(computers));
    return EXIT.ok;
  } finally {
    database.close();
  }
}

function statusText(computers: readonly Computer[]): string {
  if (computers.length === 0) return 'No computer has scanned yet: patchpress client scan does.';
  const rows = computers.flatMap(({ clientId, dnsName, states, lastReportAt, lastFault }) => {
    const updates = Object.entries(states);
    const shown = updates.length === 0 ? [['-', 'nothing reported']] : updates;
    return shown.map(([updateId = '', state = '']) => [
      printable(dnsName || clientId, 60),
      updateId,
      state,
      lastReportAt ?? '-',
      printable(lastFault ?? '', 60),
    ]);
  });
  return table(['computer', 'update', 'state', 'last report', 'last fault'], rows);
}
