import { type Finding, failed, ok, warning } from './row.js';
import type { TlsService } from './sources.js';

const DAY_MS = 86_400_000;
/** A month to order, issue and roll out another one. */
const SOON_DAYS = 30;

/** Whether something that ends has ended, or will within `soonDays`. */
export function judgeEnd(what: string, notAfter: string, now: Date, soonDays = SOON_DAYS): Finding {
  const days = Math.floor((Date.parse(notAfter) - now.getTime()) / DAY_MS);
  if (days < 0) return failed(`${what} has expired on ${notAfter}`);
  if (days < soonDays) return warning(`${what} expires in ${days} days, on ${notAfter}`);
  return ok(`${what} until ${notAfter}`);
}

/** Reached over TLS, with a certificate that is trusted, for this name, and for a while yet. */
export async function judgeTls({ url, look }: TlsService, now: Date): Promise<Finding> {
  if (!url.startsWith('https:')) return failed(`${url} is not https`);
  const { refusal, subject, issuer, notAfter } = await look();
  const certificate = `${subject} by ${issuer}`;
  if (refusal !== null) return failed(`${refusal}: ${certificate}`);
  return judgeEnd(certificate, notAfter, now);
}
