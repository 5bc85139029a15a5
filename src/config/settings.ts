import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { PermanentError } from '../core/errors.js';
import { parseYaml } from '../text/yaml.js';
import { CollectionId, DeploymentSchema } from './deployment-schema.js';
import { MirrorSchema } from './mirror-schema.js';
import { NetworkSchema } from './network-schema.js';
import { PROJECT_ROOT } from './project-root.js';
import { ScheduleSchema } from './schedule-schema.js';
import { Glob } from './text-match.js';

const Listen = z.strictObject({ host: z.string().default('127.0.0.1'), port: z.int().min(0).max(65535) });

const SettingsFile = z.strictObject({
  /** Everything that must survive a restart. */
  dataDir: z.string().default('data'),
  dashboard: Listen.extend({
    tlsCertificateFile: z.string().optional(),
    tlsKeyFile: z.string().optional(),
  }).prefault({
    port: 8480,
  }),
  /** The HTTPS server of catalog and content, as the Software Update Point reaches it. */
  content: Listen.extend({
    baseUrl: z.url().optional(),
    tlsCertificateFile: z.string().optional(),
    tlsKeyFile: z.string().optional(),
    /** False: only the mirror is served, by another web server. */
    serve: z.boolean().default(true),
    mirror: MirrorSchema.optional(),
  })
    .refine(({ serve, mirror }) => serve || mirror !== undefined, {
      message: 'expected content.mirror where content.serve is false',
    })
    .prefault({ host: '0.0.0.0', port: 8443 }),
  catalog: z.string().default('patchpress'),
  /** Folders of the catalog's cabinet; `many` is not yet seen on Windows. */
  catalogFolders: z.enum(['many', 'one']).default('many'),
  /** Folders of your own definitions; they win over those shipped, the first over the next. */
  productDirs: z.array(z.string()).default([]),
  policyFile: z.string().default('catalogs/policy.yaml'),
  /** Which of the defined products are synchronised. */
  products: z
    .strictObject({
      include: z.array(Glob).min(1).default(['*']),
      exclude: z.array(Glob).default([]),
      tiers: z
        .array(z.enum(['A', 'B']))
        .min(1)
        .default(['A', 'B']),
    })
    .prefault({}),
  /** When products are asked: the first entry that names one decides. */
  schedule: z.array(ScheduleSchema).default([]),
  trust: z
    .strictObject({
      /** PEM bundles. */
      codeSigningRootsFile: z.string().optional(),
      timestampRootsFile: z.string().optional(),
    })
    .prefault({}),
  /** What this site is called in PackageIDs; made at the first start and then fixed. */
  siteId: z.string().min(1).max(100).optional(),
  signer: z
    .strictObject({
      /** False: a signer of its own listens on the socket (`docker-compose.yml`). */
      embedded: z.boolean().default(true),
      /** PEM or PKCS#12 with certificate and key; without one a self-signed certificate is made. */
      keyFile: z.string().optional(),
      /** The content certificate for `signed-cab`: the one of WSUS, or one that clients have in Trusted Publishers. */
      contentKeyFile: z.string().optional(),
      keyPasswordFile: z.string().optional(),
      timestampUrls: z.array(z.url()).default([]),
      publisherName: z.string().default('Patchpress'),
    })
    .prefault({}),
  site: z
    .strictObject({
      /** AdminService, for following an update through the site. */
      adminServiceUrl: z.url(),
      /** Of a bearer token; without it the bridge of `command` asks under its Windows account. */
      tokenFile: z.string().optional(),
      /** The Windows bridge on a machine with the site's console: what no REST call does is done there. */
      command: z.array(z.string().min(1)).min(1).optional(),
      caFile: z.string().optional(),
      /** Whether our product may be ticked in the site's software update point component. */
      enableProducts: z.boolean().default(true),
      /** Whether the classification of our updates may be; it is ticked for every vendor's. */
      enableClassifications: z.boolean().default(false),
      /** Name of the automatic deployment rule that is run when an update has become deployable; absent: none is. */
      deploymentRule: z.string().min(1).max(256).optional(),
      /** Deployments of our own, in place of a rule. */
      deployment: DeploymentSchema.optional(),
      /** Id of canary.ps1 among the site's scripts: what devices report through it verifies updates (docs/canary.md). */
      canaryScript: z.guid().optional(),
      /** Id of a collection of canary devices behind the gateway: without the script its compliance verifies updates. */
      canaryCollection: CollectionId.optional(),
    })
    .refine(({ tokenFile, command }) => tokenFile !== undefined || command !== undefined, {
      message: 'expected tokenFile, command or both',
    })
    .refine(({ deploymentRule, deployment }) => deploymentRule === undefined || deployment === undefined, {
      message: 'expected deploymentRule or deployment, not both: an update is deployed by one of them',
    })
    .refine(({ deployment, command }) => deployment === undefined || command !== undefined, {
      message: 'expected command beside deployment: only the cmdlets of the console deploy',
    })
    .optional(),
  /** The update server that the direct route publishes to (docs/windows-bridge.md). */
  softwareUpdatePoint: z
    .strictObject({
      /** Program and arguments, one entry each; no shell sees them. */
      command: z.array(z.string().min(1)).min(1),
      timeoutSeconds: z.int().min(1).default(1800),
      /** `server clean` by itself; absent: by hand alone. */
      clean: z
        .strictObject({
          keep: z.int().min(0).max(9999).default(2),
          graceDays: z.int().min(1).max(9999).default(30),
          everyHours: z.int().min(1).max(8760).default(24),
        })
        .optional(),
      /** `https://<server>:8531`, for preflight. */
      url: z.url().optional(),
      /** PEM: who issued its certificate. */
      caFile: z.string().optional(),
    })
    .optional(),
  /** The cloud management gateway as a client reaches it, for preflight. */
  gateway: z
    .strictObject({
      /** `https://<name>/CCM_Proxy_MutualAuth/<id>`. */
      url: z.url(),
      caFile: z.string().optional(),
      /** PEM, of a client computer made for this. */
      clientCertificateFile: z.string().optional(),
      clientKeyFile: z.string().optional(),
      tokenFile: z.string().optional(),
      /** Where clients with a token are answered; absent: `url`. */
      tokenUrl: z.url().optional(),
    })
    .optional(),
  /** How often what was verified is verified again, at most once a day; only where there is a canary. */
  canary: z.strictObject({ everyHours: z.int().min(24).max(8760).default(24) }).prefault({}),
  /** At most one new catalog revision in this time. */
  flushIntervalSeconds: z.int().min(0).default(60),
  /** Earlier revisions of the catalog: what stood within so many days, and so many of the newest. */
  keepRevisions: z
    .strictObject({
      days: z.int().min(1).max(3650).default(90),
      atLeast: z.int().min(1).max(10_000).default(20),
    })
    .prefault({}),
  /** How often the site is asked how far an update has come. */
  sitePollSeconds: z.int().min(1).default(300),
  maxInstallerBytes: z.int().positive().default(2_000_000_000),
  network: NetworkSchema,
  /** The second vantage: where package manifests are asked for. Absent: the community's. */
  winget: z
    .strictObject({
      baseUrl: z
        .url({ protocol: /^https$/, error: 'expected an https address' })
        .transform((url) => url.replace(/\/+$/, '')),
      /** A tree of manifests in YAML as in winget-pkgs, or a winget REST source. */
      shape: z.enum(['manifests', 'rest']).default('manifests'),
    })
    .optional(),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});

export type Settings = z.infer<typeof SettingsFile> & {
  readonly redisUrl: string | null;
  readonly databaseUrl: string | null;
};

/** `patchpress.yaml` (or the file named by PATCHPRESS_CONFIG), REDIS_URL and DATABASE_URL; every member has a default. */
export function loadSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const named = environment.PATCHPRESS_CONFIG;
  const file = resolve(named ?? join(PROJECT_ROOT, 'patchpress.yaml'));
  if (named !== undefined && !existsSync(file)) {
    throw new PermanentError('configuration.invalid', 'the settings file does not exist', {
      where: file,
      nextStep: 'correct PATCHPRESS_CONFIG or unset it to run with defaults',
    });
  }
  return decodeSettings(existsSync(file) ? parseYaml(readFileSync(file, 'utf8')) : {}, file, environment);
}

export function decodeSettings(value: unknown, where: string, environment: NodeJS.ProcessEnv): Settings {
  const decoded = SettingsFile.safeParse(value ?? {});
  if (!decoded.success) {
    const issue = decoded.error.issues[0];
    throw new PermanentError('configuration.invalid', 'the settings cannot be used', {
      where: `${where} at ${issue?.path.join('.') || 'the top'}`,
      found: issue?.message ?? 'unknown',
      nextStep: 'docs/settings.md lists every member with its default',
    });
  }
  const { catalog: name } = decoded.data;
  const other = decoded.data.schedule.find(({ catalog = name }) => catalog !== name)?.catalog;
  if (other !== undefined) {
    throw new PermanentError(
      'configuration.invalid',
      'a schedule names a catalog that this service does not have',
      {
        where: `${where} at schedule`,
        expected: name,
        found: other,
        nextStep: 'correct `schedule` or `catalog`',
      },
    );
  }
  return {
    ...decoded.data,
    redisUrl: environment.REDIS_URL || null,
    databaseUrl: environment.DATABASE_URL || null,
  };
}

/** A path of the settings, relative to the project's folder. */
export function projectPath(path: string): string {
  return resolve(PROJECT_ROOT, path);
}
