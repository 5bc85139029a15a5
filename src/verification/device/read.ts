import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import { type DeviceReport, parseOutput } from './report.js';

/** A site's REST interface, as far as it is needed here. */
export interface SiteReader {
  get(path: string): Promise<unknown>;
}

export interface DeviceReports {
  readonly reports: readonly DeviceReport[];
  /** Runs whose output cannot be used, and why. */
  readonly faults: readonly { readonly device: string; readonly fault: string }[];
}

const Rows = z.object({
  value: z.array(z.object({ DeviceName: z.string().nullish(), ScriptOutput: z.string().nullish() })),
});

/**
 * The runs of one script that the site knows of. That SMS_ScriptsExecutionStatus gives the output is what administrators'
 * scripts rely on; it was not tried against a site from here. Errors of the reader, PermanentError `payload.invalid` or
 * `protocol.violation`.
 */
export async function readDeviceReports(site: SiteReader, scriptGuid: string): Promise<DeviceReports> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(scriptGuid)) {
    throw new PermanentError('payload.invalid', 'the id of a script is no GUID', { found: scriptGuid });
  }
  const filter = encodeURIComponent(`ScriptGuid eq '${scriptGuid.toUpperCase()}'`);
  const path = `/AdminService/wmi/SMS_ScriptsExecutionStatus?$filter=${filter}`;
  const rows = Rows.safeParse(await site.get(path));
  if (!rows.success) {
    throw new PermanentError('protocol.violation', 'the site answers in another form', {
      where: path,
      found: z.prettifyError(rows.error),
    });
  }
  const outputs = rows.data.value.map(({ DeviceName, ScriptOutput }) => {
    const device = DeviceName ?? 'unknown';
    return { device, read: parseOutput(device, ScriptOutput ?? '') };
  });
  return {
    reports: outputs.flatMap(({ read }) => ('fault' in read ? [] : [read])),
    faults: outputs.flatMap(({ device, read }) => ('fault' in read ? [{ device, fault: read.fault }] : [])),
  };
}
