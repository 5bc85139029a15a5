import type { SignatureReport } from './installer.js';
import type { EvidenceKind, TextMatch, Tier } from './product.js';
import type { ContentWish } from './publication.js';
import type { TrustRecord } from './records.js';
import type { StatedDigest } from './release.js';
import type { DirectMode } from './route.js';
import type { HoldCode } from './stage.js';
import type { PersonWord } from './word.js';

/** What an administrator decided once, so that patches flow: `policy.yaml`. */
export interface Policy {
  /** The first rule that names a product decides; a product that no rule names waits for a person. */
  readonly rules: readonly PolicyRule[];
  /** Signers that are accepted when a product is seen for the first time. */
  readonly signers: readonly SignerRule[];
  /** Products whose installers may be used although nobody signed them, if their digest was stated; absent: none. */
  readonly unsigned?: readonly UnsignedRule[];
  /** How updates of the `direct` route reach the Software Update Point; absent: `payload`. */
  readonly direct?: DirectPolicy;
  /** How old a release must be before it is published; absent: none. */
  readonly delayHours?: number;
}

export interface PolicyRule {
  /** Ids of products; `*` stands for any text. */
  readonly products: readonly string[];
  /** Absent: every vendor. `*` as above. */
  readonly vendors?: readonly string[];
  readonly publish: 'automatic' | 'approval' | 'never';
  /** True: beside the update of older copies there is one that installs the product where it is missing. */
  readonly installNew?: boolean;
  /** `metadata`: an update is published without content until a person promotes it; absent: full. */
  readonly content?: ContentWish;
  /** How many computers must need an update, as the site counts, before it is promoted by itself; absent: a person does. */
  readonly promoteAt?: number;
}

export interface SignerRule {
  /** Id of a product, `*` as above; absent: every product. */
  readonly product?: string;
  /** Of the certificate's whole subject, such as `CN=Igor Pavlov, C=RU`. */
  readonly subject: TextMatch;
  readonly accept: true;
}

export interface UnsignedRule {
  /** Id of a product, `*` as above. */
  readonly product: string;
  readonly accept: true;
}

export interface DirectPolicy {
  readonly mode?: DirectMode;
  /** The first that names a product decides for it. */
  readonly products?: readonly { readonly product: string; readonly mode: DirectMode }[];
}

export interface GateFacts {
  /** May these bytes be used? */
  readonly releases: {
    readonly productId: string;
    readonly signature: SignatureFacts;
    readonly trusted: Pick<TrustRecord, 'subject' | 'issuer'> | null;
    readonly host: string;
    /** Where the file of an earlier release came from; null: none is known. */
    readonly knownHost: string | null;
    /** The vendor's feed, or the second vantage, states a digest of exactly these bytes; absent: nobody does. */
    readonly isDigestStated?: boolean;
    /** What a second source states of this file; absent: none was asked, or it says nothing of it. */
    readonly secondVantage?: SecondVantageFacts;
  };
  /** May this update be published? */
  readonly packages: {
    readonly productId: string;
    readonly vendor: string;
    readonly tier: Tier;
    readonly detection: EvidenceKind;
    readonly evidenceRows: number;
    /** What this file says installed copies are known by, and what that of an earlier update said; null: it is stated. */
    readonly identity?: { readonly found: string | null; readonly known: string | null };
    /** ISO 8601, or when it was first seen. */
    readonly releasedAt: string;
    /** A person asked for exactly this. */
    readonly askedFor: boolean;
    /** What a person said about this version, or about the whole product; null: nothing. */
    readonly word: PersonWord | null;
  };
}

export interface SecondVantageFacts extends StatedDigest {
  readonly foundSha256: string;
}

/** The part of a signature report that a decision rests on, small enough to be kept with it. */
export type SignatureFacts =
  | { readonly status: 'valid'; readonly subject: string; readonly issuer: string }
  | { readonly status: 'unsigned' }
  | { readonly status: 'invalid'; readonly reason: string; readonly detail: string };

export interface Decision {
  readonly verdict: 'go' | 'hold';
  /** Null with `go`, and where only time has to pass. */
  readonly code: HoldCode | null;
  readonly reason: string;
  readonly nextStep: string;
  /** Only time has to pass: ask again then. */
  readonly until?: Date;
}

/** The gates: pure, so that every "why" can be told and tested as a table. */
export function decide<Gate extends keyof GateFacts>(
  gate: Gate,
  facts: GateFacts[Gate],
  policy: Policy,
  now: Date,
): Decision {
  const gates: { [G in keyof GateFacts]: (facts: GateFacts[G]) => Decision } = {
    releases: (of) => decideRelease(of, policy),
    packages: (of) => decidePackage(of, policy, now),
  };
  return gates[gate](facts);
}

export function signatureFacts(report: SignatureReport): SignatureFacts {
  if (report.status !== 'valid') return report;
  return { status: 'valid', subject: report.signer.subject, issuer: report.signer.issuer };
}

function decideRelease(facts: GateFacts['releases'], policy: Policy): Decision {
  const { signature, trusted, host, knownHost, secondVantage } = facts;
  if (secondVantage !== undefined && secondVantage.sha256 !== secondVantage.foundSha256)
    return vantageDisagrees(secondVantage);
  if (signature.status === 'unsigned') return decideUnsigned(facts, policy);
  if (signature.status === 'invalid') {
    return hold(
      'signature-invalid',
      `the vendor's signature does not verify: ${signature.reason} (${signature.detail})`,
      'fetch the file by another way and compare; add the root certificate to the trust settings if it is a private one',
    );
  }
  if (trusted !== null && (trusted.subject !== signature.subject || trusted.issuer !== signature.issuer)) {
    return hold(
      'signer-changed',
      `signed by "${signature.subject}" (issuer "${signature.issuer}"), until now by "${trusted.subject}" (issuer "${trusted.issuer}")`,
      'ask the vendor whether the certificate was changed; a person must replace the trust record',
    );
  }
  if (knownHost !== null && knownHost !== host) return hostChanged(host, knownHost);
  if (trusted !== null) return go(`signed by the trusted "${trusted.subject}"`);
  return decideFirstSigner(facts.productId, signature.subject, policy);
}

/** Whoever signed it: two sources that see different files under one version are a question for a person. */
function vantageDisagrees({ type, sha256, foundSha256 }: SecondVantageFacts): Decision {
  return hold(
    'vantage-disagrees',
    `${type} states another file under this version: sha256 ${sha256}, found ${foundSha256}`,
    `compare with what the vendor's own page states; if ${type} is wrong, wait for its correction or remove it from the definition's feeds`,
  );
}

function hostChanged(host: string, knownHost: string): Decision {
  return hold(
    'host-changed',
    `the file comes from ${host}, until now from ${knownHost}`,
    "look at the vendor's download page whether the address has moved",
  );
}

/** Without a signature only a digest that someone else states tells that these are the vendor's bytes. */
function decideUnsigned(facts: GateFacts['releases'], policy: Policy): Decision {
  const { productId, trusted, host, knownHost } = facts;
  if (trusted !== null) {
    return hold(
      'unsigned-installer',
      `the installer carries no signature; until now "${trusted.subject}" signed it`,
      'ask the vendor why; a person must remove the trust record before an unsigned file is used',
    );
  }
  const { unsigned = [] } = policy;
  if (!unsigned.some(({ product }) => matchesGlob(product, productId))) {
    return hold(
      'unsigned-installer',
      'the installer carries no signature, and the policy accepts none for this product',
      'add the product to `unsigned` in the policy if its vendor does not sign; it is then published directly',
    );
  }
  if (facts.isDigestStated !== true) {
    return hold(
      'unsigned-installer',
      "the installer carries no signature, and neither the vendor's feed nor a second vantage states its digest",
      'add a second vantage (`winget`) or a feed with digests to the definition',
    );
  }
  if (knownHost !== null && knownHost !== host) return hostChanged(host, knownHost);
  return go('the policy accepts it unsigned, and its digest is the one that was stated');
}

function decideFirstSigner(productId: string, subject: string, policy: Policy): Decision {
  const accepted = policy.signers.some(
    (rule) => matchesGlob(rule.product ?? '*', productId) && matchesText(rule.subject, subject),
  );
  if (accepted) return go(`the policy accepts "${subject}"`);
  return hold(
    'signer-unknown',
    `signed by "${subject}", whom nobody has accepted for this product yet`,
    'approve it if it is the vendor, or add the subject to `signers` in the policy',
  );
}

function decidePackage(facts: GateFacts['packages'], policy: Policy, now: Date): Decision {
  const { word } = facts;
  if (word !== null && word.verdict !== 'approve') return HELD_BY[word.verdict](word);
  const isWanted = facts.askedFor || word !== null;
  if (facts.detection === 'inferred' || facts.evidenceRows === 0) {
    return hold(
      'detection-inferred',
      'nothing proves what the installer writes to the registry: the detection is inferred',
      'install it once on a test machine and state the name it shows under Apps in the definition',
    );
  }
  const publish = publishRuleFor({ id: facts.productId, vendor: facts.vendor }, policy);
  if (publish === 'never' || facts.tier === 'C') {
    return hold(
      'policy',
      NEVER[publish === 'never' ? 'rule' : 'tier'],
      'change the policy or the definition',
    );
  }
  const moved = identityMoved(facts);
  if (moved !== null && !isWanted) return moved;
  if (publish === 'approval' && !isWanted) {
    return hold(
      'policy',
      "the policy asks for a person's yes",
      'approve it, or set `publish: automatic` for it in the policy',
    );
  }
  if (word !== null) return go(`${word.by} approved it: ${word.reason}`);
  return facts.askedFor ? go('a person asked for it') : decideDelay(facts.releasedAt, policy, now);
}

/** Every device would be offered the new update as if it had never had the product, or never again. */
function identityMoved({ identity }: GateFacts['packages']): Decision | null {
  const { found = null, known = null } = identity ?? {};
  if (found === null || known === null || found === known) return null;
  return hold(
    'detection-changed',
    `the file says that installed copies are known by ${found}, until now by ${known}`,
    'install it beside the version before on a test machine; approve it if it takes the place of that one',
  );
}

const HELD_BY: Readonly<Record<Exclude<PersonWord['verdict'], 'approve'>, (word: PersonWord) => Decision>> = {
  hold: ({ by, reason }) =>
    hold('held-by-person', `held by ${by}: ${reason}`, 'approve it when it may go on'),
  block: ({ by, reason }) =>
    hold(
      'held-by-person',
      `this version was rolled back by ${by}: ${reason}`,
      'wait for a newer version; this one is not published again',
    ),
  disown: ({ by, reason }) =>
    hold(
      'held-by-person',
      `${by} said that this never was a version: ${reason}`,
      'nothing, or approve this version by its name if the vendor ships it after all',
    ),
};

const NEVER = {
  rule: 'the policy says that it is never published',
  tier: 'the product is known only (tier C): too little is known to publish it',
} as const;

function decideDelay(releasedAt: string, policy: Policy, now: Date): Decision {
  const { delayHours = 0 } = policy;
  if (delayHours <= 0) return go('the policy publishes it by itself');
  const until = new Date(Date.parse(releasedAt) + delayHours * 3_600_000);
  const reason = `the policy waits ${delayHours} hours after a release`;
  if (Number.isNaN(until.getTime())) {
    return hold(
      'policy',
      `${reason}, and when this one was released is not known`,
      'approve it, or lower `delayHours` in the policy',
    );
  }
  if (until.getTime() <= now.getTime()) return go('the policy publishes it by itself');
  return { verdict: 'hold', code: null, reason, nextStep: 'nothing: it goes on by itself', until };
}

/** Who decides about a product: the first rule that names it; without one a person. */
export function publishRuleFor(product: RuledProduct, policy: Policy): PolicyRule['publish'] {
  return ruleFor(product, policy)?.publish ?? 'approval';
}

/** Whether the rule that decides about a product wants it installed anew too. */
export function wantsInstallNew(product: RuledProduct, policy: Policy): boolean {
  return ruleFor(product, policy)?.installNew === true;
}

/** What of its updates is published, by the rule that decides about a product. */
export function contentWishFor(product: RuledProduct, policy: Policy): ContentWish {
  return ruleFor(product, policy)?.content ?? 'full';
}

/** When what is published as metadata alone is promoted by itself; null: a person does it. */
export function promoteAtFor(product: RuledProduct, policy: Policy): number | null {
  return ruleFor(product, policy)?.promoteAt ?? null;
}

type RuledProduct = { readonly id: string; readonly vendor: string };

function ruleFor({ id, vendor }: RuledProduct, policy: Policy): PolicyRule | undefined {
  return policy.rules.find(
    ({ products, vendors = ['*'] }) =>
      products.some((glob) => matchesGlob(glob, id)) && vendors.some((glob) => matchesGlob(glob, vendor)),
  );
}

function go(reason: string): Decision {
  return { verdict: 'go', code: null, reason, nextStep: '' };
}

function hold(code: HoldCode, reason: string, nextStep: string): Decision {
  return { verdict: 'hold', code, reason, nextStep };
}

/** `*` stands for any text, also none; case is ignored. In linear time per star: the parts are found from left to right. */
export function matchesGlob(glob: string, text: string): boolean {
  const parts = glob.toLowerCase().split('*');
  const subject = text.toLowerCase();
  const first = parts[0] ?? '';
  if (parts.length === 1) return subject === first;
  const last = parts.at(-1) ?? '';
  if (!subject.startsWith(first) || subject.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = subject.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return subject.length - last.length >= at && subject.endsWith(last);
}

/** Every member that is given must hold; a match without any member matches nothing. */
export function matchesText(match: TextMatch, text: string): boolean {
  const { equalTo, beginsWith, endsWith } = match;
  if (equalTo === undefined && beginsWith === undefined && endsWith === undefined) return false;
  return (
    (equalTo === undefined || text === equalTo) &&
    (beginsWith === undefined || text.startsWith(beginsWith)) &&
    (endsWith === undefined || text.endsWith(endsWith))
  );
}
