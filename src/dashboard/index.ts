import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import secureSession from '@fastify/secure-session';
import { type FastifyInstance, fastify } from 'fastify';
import type { Log } from '../core/ports.js';
import type { Operations } from '../operations/operations.js';
import { serveAssets } from './assets.js';
import { tellFaults } from './faults.js';
import { markOf, requireCsrfToken, requireSameOrigin, requireSession } from './guard.js';
import { apiRoutes } from './routes/api.js';
import { loginRoutes } from './routes/login.js';
import { pageRoutes } from './routes/pages.js';
import { createStatusSource } from './status-source.js';

export { hashPassword, verifyPassword } from './password.js';

export interface DashboardOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** PEM. Without it the pages are for this host, or for a proxy in front that speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly operations: Operations;
  /** Made by `hashPassword`. */
  readonly passwordHash: string;
  /** 32 bytes that seal the session cookie; kept, so that a restart signs nobody out. */
  readonly sessionKey: Buffer;
  /** `src/dashboard/assets`, wherever the program runs from. */
  readonly assetsDir: string;
  readonly log: Log;
  readonly now: () => Date;
  /** When each catalog is synchronised next. */
  readonly schedule?: () => Promise<readonly { readonly catalog: string; readonly at: Date | null }[]>;
}

export interface Dashboard {
  readonly url: string;
  close(): Promise<void>;
}

const SESSION_SECONDS = 12 * 3600;
const LARGEST_BODY_BYTES = 64 << 10;

/** The pages and the API of the service. Everything but the login, the assets and `/healthz` asks for a session. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const app = createServer(options);
  tellFaults(app, options.log);
  await registerProtection(app, options);
  const mark = markOf(options.passwordHash);
  const status = createStatusSource(options);
  await serveAssets(app, options.assetsDir);
  app.get('/healthz', async () => ({ status: 'ok' }));
  await app.register(async (open) => loginRoutes(open, options, mark));
  await app.register(async (guarded) => {
    guarded.addHook('onRequest', requireSession(mark));
    guarded.addHook('onRequest', requireSameOrigin);
    guarded.addHook('preHandler', requireCsrfToken);
    pageRoutes(guarded, options, status);
    apiRoutes(guarded, options, status);
  });
  await app.listen(options.listen);
  return { url: urlOf(app, options), close: () => app.close() };
}

function createServer({ tls }: DashboardOptions): FastifyInstance {
  const common = { bodyLimit: LARGEST_BODY_BYTES, forceCloseConnections: true, logger: false } as const;
  // The two servers differ in a type parameter that no route looks at.
  return tls === undefined
    ? fastify(common)
    : (fastify({
        ...common,
        https: { cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' },
      }) as unknown as FastifyInstance);
}

async function registerProtection(app: FastifyInstance, options: DashboardOptions): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: options.tls === undefined ? false : { maxAge: 180 * 86_400 },
  });
  await app.register(rateLimit, { global: false });
  await app.register(formbody);
  await app.register(secureSession, {
    key: options.sessionKey,
    cookieName: 'patchpress',
    expiry: SESSION_SECONDS,
    cookie: {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: options.tls !== undefined,
      maxAge: SESSION_SECONDS,
    },
  });
}

function urlOf(app: FastifyInstance, { tls, listen }: DashboardOptions): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : listen.port;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
}
