import { z } from 'zod';

const HostName = z
  .string()
  .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/, 'expected a host name in lower case, without address or port');

const Concurrency = z.int().min(1).max(64);
const RequestsPerSecond = z.number().min(0.001).max(1000);

/** Never with a password: settings are copied and shown, the environment is not. */
const ProxyUrl = z.url({ protocol: /^https?$/ }).refine((text) => {
  const { username, password, pathname, search } = new URL(text);
  return username === '' && password === '' && pathname === '/' && search === '';
}, 'expected http://name:port; credentials stand in the environment (credentialsVariable)');

/** The way out to vendors: politeness, proxy, roots, and what may be private. */
export const NetworkSchema = z
  .strictObject({
    /** Of each host that has no entry in `hosts`. */
    perHost: z
      .strictObject({
        concurrency: Concurrency.default(2),
        requestsPerSecond: RequestsPerSecond.default(1),
      })
      .prefault({}),
    /** By host name; what an entry does not name is as in `perHost`. */
    hosts: z
      .record(
        HostName,
        z.strictObject({
          concurrency: Concurrency.optional(),
          requestsPerSecond: RequestsPerSecond.optional(),
        }),
      )
      .default({}),
    proxy: z
      .strictObject({
        url: ProxyUrl,
        /** The environment variable that holds `user:password`. */
        credentialsVariable: z.string().min(1).optional(),
        /** Names that are reached directly, each with all below it. */
        noProxy: z.array(z.string().min(1)).default([]),
      })
      .optional(),
    /** PEM: roots beside those that Node brings. */
    caFile: z.string().optional(),
    /** Names that may lead to private addresses: a mirror of one's own. */
    privateHosts: z.array(HostName).default([]),
  })
  .prefault({});

export type NetworkSettings = z.infer<typeof NetworkSchema>;
