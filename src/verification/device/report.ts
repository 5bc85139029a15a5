import { z } from 'zod';

const Time = z.iso.datetime({ offset: true });

/** What `canary.ps1` prints, one JSON document. */
const Output = z.object({
  patchpressCanary: z.literal(1),
  at: Time,
  /** Whether the device was managed over the internet, that is through the gateway; null: it does not say. */
  isOnInternet: z.boolean().nullable(),
  updates: z.array(
    z.object({
      id: z.guid().transform((id) => id.toLowerCase()),
      /** CCM_UpdateStatus/Status; null: the scan has not found the update to apply. */
      status: z.string().max(40).nullable(),
      scanAt: Time.nullable(),
      evaluationState: z.int().nullable(),
      /** An HRESULT, as a signed or an unsigned number. */
      errorCode: z.int().nullable(),
      /** Successful installations in the update agent's history. */
      installs: z.int().nonnegative(),
    }),
  ),
  faults: z.array(z.string().max(400)),
});

export interface DeviceReport extends z.infer<typeof Output> {
  readonly device: string;
}
export type DeviceUpdate = DeviceReport['updates'][number];

/** The site keeps a script's output as JSON once more: a text, or a list with one. */
const MAX_WRAPPINGS = 3;

/** The document in what the site kept of a run; or why it is none. Untrusted: devices print it. */
export function parseOutput(device: string, output: string): DeviceReport | { readonly fault: string } {
  let value: unknown = output;
  for (let level = 0; level < MAX_WRAPPINGS && !isDocument(value); level += 1) {
    if (Array.isArray(value)) value = value.find((line) => typeof line === 'string' || isDocument(line));
    if (typeof value !== 'string') continue;
    try {
      value = JSON.parse(value);
    } catch {
      return { fault: 'its output is no JSON: another script, or cut by the site at 4 KB' };
    }
  }
  const read = Output.safeParse(value);
  return read.success ? { device, ...read.data } : { fault: z.prettifyError(read.error).slice(0, 300) };
}

function isDocument(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'patchpressCanary' in value;
}
