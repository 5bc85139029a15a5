import { readFileSync } from 'node:fs';
import type { NetworkSettings } from '../config/network-schema.js';
import { projectPath } from '../config/settings.js';
import { PermanentError } from '../core/errors.js';
import type { HttpClientOptions, HttpProxy } from '../net/index.js';

/** What the settings and the environment say about the way out. PermanentError `configuration.invalid`. */
export function outsideFrom(
  network: NetworkSettings,
  environment: NodeJS.ProcessEnv,
): Omit<HttpClientOptions, 'userAgent' | 'lookup'> {
  const { perHost, hosts, privateHosts, caFile } = network;
  const proxy = proxyFrom(network, environment);
  return {
    perHost,
    limits: Object.fromEntries(
      Object.entries(hosts).map(([host, { concurrency, requestsPerSecond }]) => [
        host,
        {
          concurrency: concurrency ?? perHost.concurrency,
          requestsPerSecond: requestsPerSecond ?? perHost.requestsPerSecond,
        },
      ]),
    ),
    privateHosts,
    tokens: tokensFrom(environment),
    ...(proxy && { proxy }),
    ...(caFile !== undefined && { extraCa: certificatesIn(projectPath(caFile)) }),
  };
}

function proxyFrom({ proxy }: NetworkSettings, environment: NodeJS.ProcessEnv): HttpProxy | undefined {
  if (proxy === undefined) return undefined;
  const { url, noProxy, credentialsVariable } = proxy;
  if (credentialsVariable === undefined) return { url, noProxy };
  const credentials = environment[credentialsVariable];
  if (credentials?.includes(':') === true) return { url, noProxy, credentials };
  throw new PermanentError('configuration.invalid', "the proxy's credentials are not in the environment", {
    where: `network.proxy.credentialsVariable: ${credentialsVariable}`,
    expected: 'user:password',
    found: credentials === undefined ? 'no such variable' : 'no colon',
    nextStep: 'set the variable for the service, or remove credentialsVariable',
  });
}

function certificatesIn(path: string): string {
  const found = readPem(path);
  if (found.includes('-----BEGIN CERTIFICATE-----')) return found;
  throw new PermanentError('configuration.invalid', 'the file of further roots cannot be used', {
    where: `network.caFile: ${path}`,
    expected: 'certificates in PEM',
    found: found === '' ? 'no readable file' : 'something else',
    nextStep: 'correct network.caFile',
  });
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A token raises GitHub's limit from 60 to 5,000 requests an hour. */
function tokensFrom(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const token = environment.GITHUB_TOKEN;
  return token === undefined || token === '' ? {} : { 'api.github.com': token };
}
