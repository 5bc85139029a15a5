import { z } from 'zod';

const File = z.object({
  name: z.string().min(1).max(256),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().positive(),
  url: z.url(),
});
export type FetchedFile = z.infer<typeof File>;

const Id = z.guid().transform((id) => id.toLowerCase());
const Document = { packageId: Id, sdpBase64: z.base64() };

/** What the far side of the bridge asks the server for (docs/windows-bridge.md), read by the lab on its own. */
export const CALLS = {
  probe: z.object({ contentUrl: z.url().optional() }),
  list: z.object({ packageIds: z.array(Id).max(10_000) }),
  publish: z.object({ ...Document, files: z.array(File).min(1).max(100) }),
  'publish-signed': z.object({ ...Document, cabinet: File }),
  'publish-metadata': z.object(Document),
  revise: z.object(Document),
  resign: z.object(Document),
  one: z.object({ packageId: Id }),
  'publish-content': z.object({ ciId: z.int() }),
  'enable-product': z.object({ product: z.string() }),
  'enable-classification': z.object({ classification: z.string() }),
  'update-group': z.object({ group: z.string() }),
  'add-to-update-group': z.object({ group: z.string(), ciId: z.int() }),
  'remove-from-update-group': z.object({ group: z.string(), ciIds: z.array(z.int()) }),
  'save-update': z.object({ package: z.string(), sourcePath: z.string().startsWith('\\\\'), ciId: z.int() }),
  'distribute-package': z.object({ package: z.string(), pointGroup: z.string() }),
  'deploy-update-group': z.object({
    group: z.string(),
    collectionId: z.string(),
    isRequired: z.boolean(),
    deadlineHours: z.int(),
  }),
} as const;

export type DocumentCall = z.infer<(typeof CALLS)['revise']>;
export type PublishCall = z.infer<(typeof CALLS)['publish']>;
export type PublishSignedCall = z.infer<(typeof CALLS)['publish-signed']>;
