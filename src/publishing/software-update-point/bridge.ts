import { z } from 'zod';

/** Raised when a member changes its meaning; the far side refuses another one (docs/windows-bridge.md). */
export const BRIDGE_PROTOCOL = 1;

/** What an update server is asked for, in its own words (wsus-publishing 6.2). */
export type BridgeVerb = BridgeCall['verb'];

/** A file that the far side fetches from our HTTPS store and checks by its digest. */
export interface BridgeFile {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly url: string;
}

interface Document {
  readonly packageId: string;
  /** The SDP document, byte for byte: WSUS keeps it and needs it again to revise. */
  readonly sdpBase64: string;
}

export type BridgeCall =
  /** `contentUrl`: our content server, which the far side tries to reach. */
  | { readonly verb: 'probe'; readonly contentUrl?: string }
  | { readonly verb: 'list'; readonly packageIds: readonly string[] }
  /** Everything that was published locally, by whomever. */
  | { readonly verb: 'list-local' }
  | { readonly verb: 'cert' }
  | { readonly verb: 'export-sdp'; readonly packageId: string }
  /** Of a new PackageID, or of one that has metadata alone. */
  | ({ readonly verb: 'publish'; readonly files: readonly BridgeFile[] } & Document)
  | ({ readonly verb: 'publish-signed'; readonly cabinet: BridgeFile } & Document)
  | ({ readonly verb: 'publish-metadata' } & Document)
  | ({ readonly verb: 'revise' } & Document)
  /** Every cabinet of it anew with the certificate of now, as a new revision. */
  | ({ readonly verb: 'resign' } & Document)
  | { readonly verb: 'expire'; readonly packageId: string }
  | { readonly verb: 'decline'; readonly packageId: string }
  | { readonly verb: 'undecline'; readonly packageId: string }
  | { readonly verb: 'delete'; readonly packageId: string }
  /** The site's REST interface under the Windows account of the bridge; `bodyText` null: none. */
  | {
      readonly verb: 'admin-service';
      readonly method: 'GET' | 'POST';
      readonly address: string;
      readonly bodyText: string | null;
    }
  /** `Publish-CMThirdPartySoftwareUpdateContent -CIId`. */
  | { readonly verb: 'publish-content'; readonly ciId: number }
  /** `Set-CMSoftwareUpdatePointComponent -AddProduct`. */
  | { readonly verb: 'enable-product'; readonly product: string }
  /** `Set-CMSoftwareUpdatePointComponent -AddUpdateClassification`. */
  | { readonly verb: 'enable-classification'; readonly classification: string }
  | SiteDeploymentCall;

/** Deployments of our own; each looks first, so that twice is once. */
type SiteDeploymentCall =
  | { readonly verb: 'update-group'; readonly group: string }
  /** Made with it where there is none of that name. */
  | { readonly verb: 'add-to-update-group'; readonly group: string; readonly ciId: number }
  | { readonly verb: 'remove-from-update-group'; readonly group: string; readonly ciIds: readonly number[] }
  /** `Save-CMSoftwareUpdate`, into a package that is made at the source path where there is none of that name. */
  | {
      readonly verb: 'save-update';
      readonly package: string;
      readonly sourcePath: string;
      readonly ciId: number;
    }
  | { readonly verb: 'distribute-package'; readonly package: string; readonly pointGroup: string }
  | {
      readonly verb: 'deploy-update-group';
      readonly group: string;
      readonly collectionId: string;
      readonly isRequired: boolean;
      /** From now on, by the clock of the far side; of required deployments alone. */
      readonly deadlineHours: number;
    };

const Time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'a time');

/** One update as the server has it. */
const Listed = z.object({
  packageId: z.guid().transform((id) => id.toLowerCase()),
  /** WSUS's own count. */
  revision: z.int().nonnegative(),
  /** ISO 8601: `CreationDate` of the metadata that stands. */
  creationDate: Time,
  isLocallyPublished: z.boolean(),
  isExpired: z.boolean(),
  /** Absent: an older script, which does not tell. */
  isDeclined: z.boolean().default(false),
  /** Files in WsusContent; false for metadata only, and where a file has vanished. */
  hasContent: z.boolean(),
  /** It names no files. False also of an older script, which does not tell: then nothing is published over it. */
  isMetadataOnly: z.boolean().default(false),
});
export type ListedUpdate = z.infer<typeof Listed>;

const Probed = z.object({
  version: z.string().max(100),
  isReplica: z.boolean(),
  /** `GetCurrentUserRole`. */
  role: z.string().max(100),
  isSecure: z.boolean(),
  maxCabSizeMb: z.number().nullable(),
  certificate: z
    .object({ subject: z.string().max(2000), thumbprint: z.string().max(100), notAfter: Time })
    .nullable(),
  /** Build and revision of Windows: `20348.4297`; absent where the bridge does not run on the server itself. */
  osBuild: z.string().max(40).nullish(),
  contentShare: z
    .object({ path: z.string().max(1000), isReachable: z.boolean(), freeBytes: z.number().nullable() })
    .nullish(),
  /** How the account of the bridge reaches `contentUrl`; absent where none was given. */
  reach: z
    .object({
      account: z.string().max(500),
      proxy: z.string().max(500).nullable(),
      fault: z.string().max(2000).nullable(),
    })
    .nullish(),
});
export type ProbedServer = z.infer<typeof Probed>;

const Failure = z.object({
  /** The call that failed: `GetPublisher`, `PublishPackage`, `fetch`. */
  step: z.string().max(200),
  message: z.string().max(20_000),
  /** Name of the exception's type, where there is one. */
  exception: z.string().max(500).nullish(),
});
export type BridgeFailure = z.infer<typeof Failure>;

/** `SMS_AuthorizationList`; null: there is none of that name. */
const FoundGroup = z.object({
  updateGroup: z.object({ groupId: z.int(), ciIds: z.array(z.int()).max(10_000) }).nullable(),
});
export type UpdateGroup = NonNullable<z.infer<typeof FoundGroup>['updateGroup']>;

const Envelope = { protocol: z.literal(BRIDGE_PROTOCOL), jobId: z.string() };

/** One JSON document on standard output. */
export const BridgeAnswer = z.union([
  z.object({ ...Envelope, ok: z.literal(true), result: z.unknown() }),
  z.object({ ...Envelope, ok: z.literal(false), error: Failure }),
]);
export type BridgeAnswer = z.infer<typeof BridgeAnswer>;

/** What each verb answers with. */
export const RESULTS = {
  probe: Probed,
  list: z.object({ updates: z.array(Listed) }),
  'list-local': z.object({ updates: z.array(Listed.extend({ title: z.string().max(2000) })) }),
  cert: z.object({
    certificate: Probed.shape.certificate,
    keyBits: z.int().nullable(),
    isInTrustedRoot: z.boolean(),
    isInTrustedPublishers: z.boolean(),
  }),
  'export-sdp': z.object({ sdpBase64: z.base64() }),
  publish: z.object({ update: Listed }),
  'publish-signed': z.object({ update: Listed }),
  'publish-metadata': z.object({ update: Listed }),
  revise: z.object({ update: Listed }),
  resign: z.object({ update: Listed }),
  expire: z.object({ update: Listed }),
  decline: z.object({ update: Listed }),
  undecline: z.object({ update: Listed }),
  delete: z.object({ packageId: z.string() }),
  'admin-service': z.object({ status: z.int(), bodyText: z.string() }),
  'publish-content': z.object({ ciId: z.int() }),
  'enable-product': z.object({ product: z.string() }),
  'enable-classification': z.object({ classification: z.string() }),
  'update-group': FoundGroup,
  'add-to-update-group': FoundGroup,
  'remove-from-update-group': FoundGroup,
  'save-update': z.object({ ciId: z.int() }),
  'distribute-package': z.object({ package: z.string() }),
  'deploy-update-group': z.object({ group: z.string() }),
} as const satisfies Readonly<Record<BridgeVerb, z.ZodType>>;

export type BridgeResult<V extends BridgeVerb> = z.infer<(typeof RESULTS)[V]>;

/** The update server behind the bridge. Errors: `faultOf` in `faults.ts`. */
export interface Bridge {
  call<V extends BridgeVerb>(
    call: Extract<BridgeCall, { readonly verb: V }>,
    signal: AbortSignal,
  ): Promise<BridgeResult<V>>;
}
