import { z } from 'zod';

/** What is known about one installer of a product, in the words of winget: collected facts, or a manifest. */
const InstallerFactsSchema = z.object({
  arch: z.string(),
  type: z.string(),
  /** null: not stated. */
  scope: z.string().nullish(),
  assetPattern: z.string().nullish(),
  urlTemplate: z.string().nullish(),
  /** False: it does not give the known address of another version. */
  templateVerified: z.boolean().nullish(),
  static: z.boolean().nullish(),
  sampleUrl: z.string().nullish(),
  sampleVersion: z.string().nullish(),
  latestUrl: z.string().nullish(),
  latestUrlVersion: z.string().nullish(),
  silentArgs: z.string().nullish(),
  /** `type-default`: those of the technology; anything else: somebody states them. */
  silentArgsSource: z.string().nullish(),
  /** Of an EXE: the name of its uninstall key. */
  productCode: z.string().nullish(),
  upgradeCode: z.string().nullish(),
  arp: z
    .object({
      displayName: z.string().nullish(),
      displayVersion: z.string().nullish(),
      publisher: z.string().nullish(),
      /** True: a guess from the package's name, never evidence. */
      inferred: z.boolean().nullish(),
    })
    .nullish(),
  /** Where the row is known from; absent: somebody states it. */
  evidence: z.enum(['msi-tables', 'inno-header', 'burn-manifest']).nullish(),
  returnCodes: z.array(z.object({ code: z.string(), response: z.string() })).nullish(),
  successCodes: z.array(z.string()).nullish(),
});
export type InstallerFacts = z.infer<typeof InstallerFactsSchema>;

const FeedFactsSchema = z.looseObject({ type: z.string(), complete: z.boolean() });
export type FeedFacts = z.infer<typeof FeedFactsSchema>;

/** What is known about one product: one line of the collected facts, or what winget manifests say. */
export const ProductFactsSchema = z.object({
  id: z.string(),
  name: z.string(),
  vendor: z.string(),
  moniker: z.string().nullish(),
  homepage: z.string().nullish(),
  releaseNotesUrl: z.string().nullish(),
  license: z.string().nullish(),
  latestVersion: z.string(),
  /** What the installer writes where that differs. */
  latestRealVersion: z.string().nullish(),
  /** Best first. */
  feeds: z.array(FeedFactsSchema),
  installers: z.array(InstallerFactsSchema),
  versions: z.array(z.object({ version: z.string(), date: z.string().nullish() })),
  cpe: z.array(z.string()).nullish(),
  retired: z.boolean().nullish(),
  /** Set where the vendor forbids automated download. */
  vendorPolicy: z.unknown().optional(),
});
export type ProductFacts = z.infer<typeof ProductFactsSchema>;
