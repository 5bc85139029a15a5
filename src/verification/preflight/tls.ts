import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { RetryableError } from '../../core/errors.js';
import type { TlsLook } from './sources.js';

export interface TlsTarget {
  /** Name that the certificate must be for. */
  readonly name: string;
  /** Where it is answered, as far as another place than `name`. */
  readonly address: string;
  readonly port: number;
  /** PEM; absent: the roots that Node brings. */
  readonly ca?: string;
  readonly timeoutMs: number;
}

/** A handshake that judges, and does not end at, a bad certificate. RetryableError `target.unreachable`. */
export function lookAtTls(target: TlsTarget): Promise<TlsLook> {
  const { name, address, port, ca, timeoutMs } = target;
  return new Promise((resolve, reject) => {
    const fail = (found: string) => {
      socket.destroy();
      reject(
        new RetryableError('target.unreachable', 'no TLS server answers', {
          where: `${name}:${port}`,
          found,
        }),
      );
    };
    // An address is no server name ([RFC 6066] 3).
    const servername = isIP(name) === 0 ? name : '';
    const socket = connect(
      { host: address, port, servername, rejectUnauthorized: false, ...(ca && { ca }) },
      () => {
        resolve(describe(socket, name));
        socket.destroy();
      },
    );
    socket.setTimeout(timeoutMs, () => fail(`no handshake within ${timeoutMs} ms`));
    socket.once('error', (error) => fail(error.message));
  });
}

function describe(socket: TLSSocket, name: string): TlsLook {
  const certificate = socket.getPeerCertificate();
  return {
    refusal: socket.authorized ? (checkServerIdentity(name, certificate)?.message ?? null) : whyNot(socket),
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    notAfter: new Date(certificate.valid_to).toISOString(),
  };
}

/** With `rejectUnauthorized: false` the reason is the code's text, not an Error as the types say. */
function whyNot(socket: TLSSocket): string {
  return `the certificate is not trusted (${String(socket.authorizationError)})`;
}

function nameOf(name: PeerCertificate['subject']): string {
  return name.CN === undefined ? 'a certificate without a common name' : `CN=${[name.CN].flat().join(', ')}`;
}
