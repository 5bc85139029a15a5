import { z } from 'zod';

/** Alone: a key in it would be told wherever an address is. */
const Https = z
  .url({ protocol: /^https$/, error: 'expected an https address' })
  .regex(/^[^?#@]*$/, 'expected an https address without a query; a signature goes into its file')
  .transform((url) => url.replace(/\/+$/, ''));

/** Where catalog and content are put for another web server to serve: exactly one of these. */
export const MirrorSchema = z.union(
  [
    z.strictObject({ folder: z.string().min(1) }),
    z.strictObject({
      s3: z.strictObject({
        /** With the bucket: `https://bucket.s3.eu-central-1.amazonaws.com`, `https://store.example.com/bucket`. */
        url: Https,
        region: z.string().min(1).default('us-east-1'),
        accessKeyId: z.string().min(1),
        secretKeyFile: z.string().min(1),
      }),
    }),
    z.strictObject({
      azureBlob: z.strictObject({
        /** `https://<account>.blob.core.windows.net/<container>`. */
        url: Https,
        /** A shared access signature with the rights to read, create and write. */
        sasFile: z.string().min(1),
      }),
    }),
  ],
  {
    error:
      'expected one of folder, s3 {url region accessKeyId secretKeyFile}, azureBlob {url sasFile}; url: https without a query',
  },
);
export type MirrorSettings = z.infer<typeof MirrorSchema>;
