/** A server as a TLS handshake shows it. */
export interface TlsLook {
  /** Null: trusted, and for this name. */
  readonly refusal: string | null;
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. */
  readonly notAfter: string;
}

export interface TlsService {
  readonly url: string;
  look(): Promise<TlsLook>;
}

/** What the update server says of itself through the Windows bridge (docs/windows-bridge.md, `probe`). */
export interface ServerProbe {
  readonly isReplica: boolean;
  readonly role: string;
  readonly isSecure: boolean;
  readonly certificate: { readonly subject: string; readonly notAfter: string } | null;
  /** `20348.4297`; null where the bridge does not run on the server itself. */
  readonly osBuild?: string | null | undefined;
  readonly contentShare?:
    | { readonly path: string; readonly isReachable: boolean; readonly freeBytes: number | null }
    | null
    | undefined;
  /** Our content server as the server reaches it, under the account of the bridge. */
  readonly reach?:
    | { readonly account: string; readonly proxy: string | null; readonly fault: string | null }
    | null
    | undefined;
}

/** Site settings that no documented class shows: null for what cannot be read. */
export interface SiteConditions {
  readonly supAllowsCmg: boolean | null;
  readonly managementPointAllowsCmg: boolean | null;
  readonly thirdPartyUpdates: boolean | null;
  readonly cloudDistribution: boolean | null;
  readonly deltaDownload: boolean | null;
}

export interface SiteReads {
  readonly url: string;
  /** Null: the site does not know our product yet. */
  product(): Promise<{ readonly isSubscribed: boolean } | null>;
  syncFault(): Promise<string | null>;
  conditions(): Promise<SiteConditions>;
  /** Names of local publishers' companies and products, ticked or not. */
  thirdPartyCategories(): Promise<{
    readonly companies: readonly string[];
    readonly products: readonly string[];
  }>;
  /** Of our published updates. */
  updates(): Promise<readonly SiteUpdate[]>;
}

export interface SiteUpdate {
  readonly packageId: string;
  readonly isShown: boolean;
  /** As it is wanted: with its content, or as metadata alone. */
  readonly isTaken: boolean;
  readonly isDeployable: boolean;
  readonly isOnCmg: boolean;
  /** Why the site refuses it, and what mends that; null: it does not, or does not say so. */
  readonly refusal: { readonly found: string; readonly fix: string } | null;
}

/** One way in which a client proves who it is to the gateway. */
export interface GatewayWay {
  readonly kind: 'certificate' | 'token';
  /** ISO 8601; null where it cannot be told. */
  notAfter(): string | null;
  /** GetConfig of [MS-WUSP] through the gateway; throws what the client throws. */
  ask(): Promise<void>;
}

/** One distributed file, asked for as a client behind the gateway does. */
export interface ContentLook {
  readonly packageId: string;
  /** Why the gateway does not hand it out; null: its first bytes came, of a file of the right size. */
  readonly refusal: string | null;
}

export interface GatewayReads extends TlsService {
  readonly ways: readonly GatewayWay[];
  /**
   * The newest distributed updates, few; throws where the update services do not say where content is. Null: the form of
   * content addresses at this gateway is not known.
   */
  readonly content: (() => Promise<readonly ContentLook[]>) | null;
}

/**
 * Where each condition looks; null: not configured. Every read may throw, and may take its time; so may the members, which
 * are opened when a condition asks for them.
 */
export interface PreflightSources {
  readonly now: Date;
  /** All that the settings name; `fault`: why it cannot be read. */
  readonly settingsFiles: readonly {
    readonly member: string;
    readonly path: string;
    readonly fault: string | null;
  }[];
  readonly updateServer: TlsService | null;
  readonly bridge: (() => Promise<ServerProbe>) | null;
  readonly site: SiteReads | null;
  readonly contentServer: TlsService;
  readonly timestamp: (() => Promise<{ readonly time: string; readonly authority: string }>) | null;
  readonly gateway: GatewayReads | null;
  /** One request to the outside on the service's own way; tells how it went. */
  readonly outbound: () => Promise<string>;
  /** Our publications that clients scan: how many, and their vendors and products in WSUS. */
  readonly catalog: () => Promise<{ readonly updates: number; readonly products: readonly string[] }>;
}
