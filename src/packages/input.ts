import { z } from 'zod';
import { PermanentError } from '../core/errors.js';

const Subject = {
  productId: z.string().min(1).max(200),
  version: z.string().min(1).max(200),
  variant: z.string().min(1).max(200),
};
/** A new installation, an update of its own; absent: the update of older copies. */
const Kind = z.exactOptional(z.literal('install'));
const RequestId = z.string().min(1).max(100);

const Build = z.strictObject({
  ...Subject,
  kind: Kind,
  /** The id of a request to publish the metadata again; null: the line itself. */
  revise: RequestId.nullable(),
  /** The same payload under this respin, in the place of a bad update. */
  rollback: z.exactOptional(z.strictObject({ respin: z.int().positive(), bad: z.guid() })),
});
/** The last revision of an update. */
const Expire = z.strictObject({ ...Subject, expire: z.guid(), requestId: RequestId });
/** Documents that the content store has lost. */
const Restore = z.strictObject({ ...Subject, kind: Kind, restore: z.guid(), requestId: RequestId });

const Input = z.union([Build, Expire, Restore]);
export type BuildInput = z.infer<typeof Build>;
export type ExpireInput = z.infer<typeof Expire>;
export type RestoreInput = z.infer<typeof Restore>;
export type PackagesInput = z.infer<typeof Input>;

export function parseInput(data: unknown): PackagesInput {
  const input = Input.safeParse(data);
  if (input.success) return input.data;
  throw new PermanentError('payload.invalid', 'a packages job is malformed', {
    expected:
      '{productId, version, variant} with {kind?, revise, rollback?}, {expire, requestId} or {kind?, restore, requestId}',
    found: z.prettifyError(input.error),
  });
}

/** An update is expired once, whoever asks; everything else is one piece of work for each request. */
export function keyOf(input: PackagesInput): string {
  if ('expire' in input) return `${workKeyOf(input)}/expire/${input.expire}`;
  const about = input.kind === undefined ? workKeyOf(input) : `${workKeyOf(input)}/${input.kind}`;
  if ('restore' in input) return `${about}/restore/${input.requestId}`;
  return input.revise === null ? about : `${about}/${input.revise}`;
}

/** Under which the gate's decisions are kept. */
export function workKeyOf({ productId, version, variant }: PackagesInput): string {
  return [productId, version, variant].join('/');
}
