import { PermanentError, printable, RetryableError } from '../../core/errors.js';
import type { BridgeFailure } from './bridge.js';

interface Meaning {
  /** Of the step, the exception's name and the message, in this order. */
  readonly tells: RegExp;
  readonly meaning: string;
  readonly nextStep: string;
  /** Absent: it is tried again only after someone mended the cause. */
  readonly retry?: 'target.unreachable' | 'timestamp.unreachable';
}

/** What update servers say, what it means and what helps (wsus-publishing 6.3). The first that fits counts. */
const MEANINGS: readonly Meaning[] = [
  {
    tells: /^fetch [\s\S]*(expected [0-9a-f]{64}|not the name of a file|over https only)/i,
    meaning: 'what the server fetched from us is not what was named',
    nextStep: 'look for a proxy or antivirus between the server and our content server that alters files',
  },
  {
    tells: /^fetch /,
    meaning: 'the server cannot fetch the content from us',
    nextStep:
      'let the server reach `content.baseUrl`, and put the authority of its certificate into Trusted Root',
    retry: 'target.unreachable',
  },
  {
    tells: /^Save-CMSoftwareUpdate [\s\S]*(certificate|signature|0x800B01)/i,
    meaning: 'the machine of the bridge does not trust who signed the content that it downloads',
    nextStep:
      'put the WSUS signing certificate into Trusted Root and Trusted Publishers of that machine; PatchDownloader.log there tells the file',
  },
  {
    tells: /^\w+-CM\w+ [\s\S]*(UnauthorizedAccess|access is denied|permission|not authorized)/i,
    meaning: 'the account of the bridge may not do it in the site',
    nextStep:
      'give it the role Software Update Manager with the scopes of group, package, collection and distribution point group, and write access to the source folder',
  },
  {
    tells:
      /ECONN|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|unable to connect|actively refused|answer in time|HTTP status 50\d/i,
    meaning: 'the update server does not answer on its own machine',
    nextStep: 'look whether WsusService and its IIS application pool run. It is tried again by itself',
    retry: 'target.unreachable',
  },
  {
    tells: /CreateDirectory failed[\s\S]*\b1326\b/i,
    meaning: 'the server may not log on to its own package share',
    nextStep:
      'use the AD name of the server instead of an alias (run `wsusutil configuressl <AD FQDN>` again, or add a cifs/<alias> SPN), and check the rights on the share',
  },
  {
    tells: /CreateDirectory failed/i,
    meaning: 'the package share cannot be written to',
    nextStep:
      'give WSUS Administrators and NETWORK SERVICE rights on share and folder of UpdateServicesPackages; the content path must be the same in registry, IIS and SUSDB',
  },
  {
    tells: /Verification of file signature failed/i,
    meaning: 'the certificate that signed the content is not trusted there, or its key is too short',
    nextStep:
      'put the signing certificate into Trusted Root and Trusted Publishers of the server (and of clients); its key needs 2048 bits',
  },
  {
    tells: /2147954402|0x80072EE2/i,
    meaning: "the server's timestamp authority did not answer in time",
    nextStep: 'let the server reach its timestamp authority, or let it sign without a timestamp',
    retry: 'timestamp.unreachable',
  },
  {
    tells: /2147954407|0x80072EE7/i,
    meaning: "the name of the server's timestamp authority is not resolved",
    nextStep: 'let the server resolve and reach its timestamp authority, or let it sign without a timestamp',
    retry: 'timestamp.unreachable',
  },
  {
    tells: /2149122451|0x80190193/i,
    meaning: "the server's timestamp authority is refused to it (HTTP 403, often by a proxy)",
    nextStep: 'allow the address in the proxy of the server, or let it sign without a timestamp',
    retry: 'timestamp.unreachable',
  },
  {
    tells: /0x800B0100|2148204800/i,
    meaning: 'a file in WsusContent carries no signature: something altered it',
    nextStep: 'look for antivirus or a proxy that alters cabinets, then publish it again',
  },
  {
    tells: /\(403\)|HTTP status 403|403[^0-9]{0,3}Forbidden/i,
    meaning: 'the server wants TLS on ApiRemoting30, and was asked without',
    nextStep: 'set -Server, -Ssl and -Port 8531 in the bridge command (docs/windows-bridge.md)',
  },
  {
    tells: /XmlSchemaValidationException|XmlSchemaException/i,
    meaning: "the update document breaks the server's schema",
    nextStep: 'report it: our own check lets such a document through',
  },
  {
    tells: /depend(s|ent)? on (it|this)|still referenced|other updates depend/i,
    meaning: 'other updates depend on it',
    nextStep: 'revise or delete those first',
  },
  {
    tells: /execution timeout|timeout expired|deadlock/i,
    meaning: "the server's database is too slow",
    nextStep:
      'reindex SUSDB; give WsusPool no private memory limit and a queue of 25000. It is tried again by itself',
    retry: 'target.unreachable',
  },
  {
    tells:
      /Could not create SSL\/TLS secure channel|underlying connection was closed|AuthenticationException/i,
    meaning: 'the server and the script agree on no TLS version or certificate',
    nextStep:
      'set SchUseStrongCrypto for .NET 4 on that machine, and trust the certificate that is answered with',
  },
  {
    tells: /LocalPublishingMaxCabSize|exceeds the maximum|larger than .*\b(cab|cabinet)\b/i,
    meaning: 'the content is larger than the server takes',
    nextStep:
      'raise LocalPublishingMaxCabSize (MB) at the server; above 2 GB a cabinet cannot be: deploy it as an application',
  },
  {
    tells: /another bridge job/i,
    meaning: 'another job is being worked off at the server',
    nextStep: 'nothing: it is tried again by itself',
    retry: 'target.unreachable',
  },
  {
    tells: /replica/i,
    meaning: 'the server is a replica: it takes its updates from another one',
    nextStep: 'point the bridge at the top-level Software Update Point',
  },
  {
    tells: /UnauthorizedAccess|not a WSUS administrator|Access is denied/i,
    meaning: 'the account may not publish',
    nextStep: 'make the account of the bridge a member of WSUS Administrators',
  },
  {
    tells: /^\w+-CM\w+ /,
    meaning: 'the site refuses it',
    nextStep: "read the site's message; SMSProv.log on the server of the SMS Provider tells more",
  },
];

/** What a failure of the far side is to us. */
export function faultOf(failure: BridgeFailure, where: string): RetryableError | PermanentError {
  const words = `${failure.step} ${failure.exception ?? ''} ${failure.message}`;
  const known = MEANINGS.find(({ tells }) => tells.test(words));
  const details = {
    where: `${where}: ${printable(failure.step, 100)}`,
    found: printable([failure.exception, failure.message].filter(Boolean).join(': ')),
    nextStep:
      known?.nextStep ?? "read the server's message; its event log and SoftwareDistribution.log tell more",
  };
  if (known?.retry !== undefined) return new RetryableError(known.retry, known.meaning, details);
  return new PermanentError('target.refused', known?.meaning ?? 'the update server refuses it', details);
}
