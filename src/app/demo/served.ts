import { z } from 'zod';
import type { LabReady } from '../../lab/index.js';
import type { HttpsTransport } from '../../verification/transport.js';
import type { ServedContent } from './updates.js';

const Status = z.object({
  packages: z.array(
    z.object({
      packageId: z.string(),
      content: z.object({ path: z.string(), sha256: z.string(), signer: z.string() }).nullable(),
    }),
  ),
});

/** The cabinets that the lab's software update point hands to clients, by PackageID, as it tells itself. */
export async function readServedContent(
  transport: HttpsTransport,
  { baseUrl, token }: LabReady['softwareUpdatePoint'],
): Promise<ServedContent> {
  const answer = await transport.send(
    'GET',
    `${baseUrl}/lab/status`,
    { authorization: `Bearer ${token}` },
    null,
  );
  const { packages } = Status.parse(JSON.parse(answer.body.toString('utf8')));
  return new Map(
    packages.flatMap(({ packageId, content }) => (content === null ? [] : [[packageId, content]])),
  );
}
