import { type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { RequestRefused } from '../software-update-point/http.js';

/** Who the token speaks for and until when, in seconds since 1970 ([RFC 7519] 4.1). */
const Claims = z.object({ iss: z.string(), sub: z.string(), aud: z.string(), exp: z.number() });
type Claims = z.infer<typeof Claims>;

const ISSUER = 'Patchpress Lab Management Point';
const HEADER = encode({ alg: 'RS256', typ: 'JWT' });
const MAX_LENGTH = 4096;

/**
 * A token for a client computer without a certificate. That the site issues such tokens is documented ("Token-based
 * authentication for cloud management gateway"), their form is not: a JWT signed by the client authority is the lab's own.
 */
export function issueClientToken(
  authority: { readonly key: string },
  claims: { readonly computer: string; readonly gateway: string; readonly expiresAt: Date },
): string {
  const { computer, gateway, expiresAt } = claims;
  const exp = Math.floor(expiresAt.getTime() / 1000);
  const content = `${HEADER}.${encode({ iss: ISSUER, sub: computer, aud: gateway, exp } satisfies Claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), authority.key).toString('base64url')}`;
}

/** Checks `Authorization: Bearer`; RequestRefused 401 for a token that is missing, not ours, for others, or has expired. */
export function createTokenCheck(
  authorityCertificate: string,
  gateway: string,
): (authorization: string | undefined, now: Date) => void {
  const key = new X509Certificate(authorityCertificate).publicKey;
  return (authorization, now) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > MAX_LENGTH) throw refused('a bearer token is required');
    const claims = claimsOf(token, key);
    if (claims === null || claims.iss !== ISSUER || claims.aud !== gateway)
      throw refused('the token is not of this site');
    if (claims.exp * 1000 <= now.getTime()) throw refused('the token has expired');
  };
}

/** Nothing of a token is believed before its signature; the header only says what we say ourselves. */
function claimsOf(token: string, key: KeyObject): Claims | null {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    key,
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned || header !== HEADER) return null;
  return Claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
}

function refused(reason: string): RequestRefused {
  return new RequestRefused(401, reason);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
