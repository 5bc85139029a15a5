import { PermanentError } from '../../core/errors.js';
import { objectIdentifier } from '../../../signing/formats/der.js';
import {
  childAt,
  type DerElement,
  type DerSubject,
  readChildren,
  readDer,
  TAG,
} from '../../../signing/formats/der-reader.js';

const QUERY: DerSubject = { code: 'protocol.violation', what: 'the timestamp query' };

/** Digest algorithms of an imprint, with their length in bytes (RFC 5754). */
const DIGESTS: ReadonlyMap<string, number> = new Map(
  (
    [
      ['2.16.840.1.101.3.4.2.1', 32],
      ['2.16.840.1.101.3.4.2.2', 48],
      ['2.16.840.1.101.3.4.2.3', 64],
    ] as const
  ).map(([oid, length]) => [objectIdentifier(oid).toString('hex'), length]),
);

/** PKIFailureInfo bits, RFC 3161 2.4.2. */
export const FAILURE = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  systemFailure: 25,
} as const;

/** A query that is answered with `rejection`. */
export class QueryRejected extends Error {
  override readonly name = 'QueryRejected';
  constructor(
    readonly failure: keyof typeof FAILURE,
    reason: string,
  ) {
    super(reason);
  }
}

/** TimeStampReq as it is answered: encoded parts are copied into the token. */
export interface TimestampQuery {
  readonly messageImprint: Buffer;
  readonly nonce: Buffer | null;
  readonly withCertificates: boolean;
}

/** RFC 3161 2.4.1. Throws QueryRejected for everything this authority does not do. */
export function readTimestampQuery(bytes: Buffer, policy: string): TimestampQuery {
  try {
    return decode(readChildren(readDer(bytes, QUERY), QUERY), policy);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw new QueryRejected('badDataFormat', error.message);
  }
}

function decode(parts: readonly DerElement[], policy: string): TimestampQuery {
  const version = childAt(parts, 0, TAG.integer, QUERY);
  if (!version.content.equals(Buffer.from([1]))) throw new QueryRejected('badRequest', 'version is not 1');
  const imprint = childAt(parts, 1, TAG.sequence, QUERY);
  checkImprint(imprint);
  const rest = parts.slice(2);
  const wanted = rest.find(({ tag }) => tag === TAG.objectIdentifier);
  if (wanted !== undefined && !wanted.raw.equals(objectIdentifier(policy))) {
    throw new QueryRejected('unacceptedPolicy', 'another policy is asked for');
  }
  if (rest.some(({ tag }) => tag === 0xa0)) {
    throw new QueryRejected('unacceptedExtension', 'extensions are not supported');
  }
  const certReq = rest.find(({ tag }) => tag === TAG.boolean);
  return {
    messageImprint: imprint.raw,
    nonce: rest.find(({ tag }) => tag === TAG.integer)?.raw ?? null,
    withCertificates: certReq !== undefined && certReq.content[0] !== 0,
  };
}

function checkImprint(imprint: DerElement): void {
  const [algorithm, digest] = readChildren(imprint, QUERY);
  const oid = algorithm === undefined ? undefined : readChildren(algorithm, QUERY)[0];
  const length = DIGESTS.get(oid?.raw.toString('hex') ?? '');
  if (length === undefined) throw new QueryRejected('badAlg', 'the digest is not SHA-256, 384 or 512');
  if (digest?.tag === TAG.octetString && digest.content.length === length) return;
  throw new QueryRejected('badDataFormat', 'the imprint does not have the length of its digest');
}
