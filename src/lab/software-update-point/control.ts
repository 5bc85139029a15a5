import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { runDeploymentRule } from './content/deployment-rule.js';
import { publishContent } from './content/publish.js';
import { addressOf, RequestRefused, readBody, sendJson } from './http.js';
import { answerRows } from './odata.js';
import { SiteRefusal } from './refusal.js';
import { enableCategory } from './site-categories.js';
import { CLASSES, RULE_ID } from './site-classes.js';
import { syncSite } from './site-database.js';
import { syncCatalog } from './subscription/agent.js';
import type { World } from './world.js';

const MAX_BODY_BYTES = 64 * 1024;
const WMI = '/AdminService/wmi/';

type Answer = { readonly status: number; readonly value: unknown };
type Route = (world: World, request: IncomingMessage) => Promise<Answer>;

const ROUTES: Readonly<Record<string, Route>> = {
  // configmgr-catalog 6. A real site starts its agent and answers at once; the lab answers when the agent is done.
  [`POST ${WMI}SMS_ISVCatalogs.SyncCatalogs`]: async (world) => {
    await world.exclusive(() => syncCatalog(world));
    return { status: 201, value: { ReturnValue: 0 } };
  },
  [`POST ${WMI}SMS_SoftwareUpdate.SyncNow`]: async (world) => {
    await world.exclusive(async () => syncSite(world));
    return { status: 201, value: { ReturnValue: 0 } };
  },
  [`POST ${WMI}SMS_AutoDeployment(${RULE_ID})/AdminService.EvaluateAutoDeployment`]: async (world) => {
    await world.exclusive(async () => runDeploymentRule(world));
    return { status: 201, value: { ReturnValue: 0 } };
  },
  // From here on the lab's own form.
  'POST /lab/enable-category': async (world, request) => {
    const { categoryInstanceId } = await decode(request, z.object({ categoryInstanceId: z.int() }));
    await world.exclusive(async () => enableCategory(world, categoryInstanceId));
    return { status: 201, value: { enabled: categoryInstanceId } };
  },
  'POST /lab/publish-content': async (world, request) => {
    const { packageId } = await decode(request, z.object({ packageId: z.guid() }));
    const outcome = await world.exclusive(() => publishContent(world, packageId.toLowerCase()));
    return { status: 201, value: { outcome } };
  },
  'POST /lab/approve-catalog-certificate': async (world, request) => {
    const { thumbprint } = await decode(
      request,
      z.object({ thumbprint: z.string().regex(/^[0-9A-F]{40}$/) }),
    );
    world.state.subscription.approvedThumbprint = thumbprint;
    world.commit();
    return { status: 201, value: { approved: thumbprint } };
  },
  'GET /lab/conditions': async (world) => ({ status: 200, value: conditions(world) }),
  'GET /lab/status': async (world) => ({ status: 200, value: status(world) }),
};

function routeOf(method: string, path: string): Route | undefined {
  const name = `${method} ${path}`;
  if (Object.hasOwn(ROUTES, name)) return ROUTES[name];
  const className = method === 'GET' && path.startsWith(WMI) ? path.slice(WMI.length) : '';
  const rowsOf = Object.hasOwn(CLASSES, className) ? CLASSES[className] : undefined;
  return (
    rowsOf &&
    (async (world, request) => ({ status: 200, value: answerRows(className, rowsOf(world), request) }))
  );
}

export function isControlPath(path: string): boolean {
  return path.startsWith('/AdminService/') || path.startsWith('/lab/');
}

/** The site's REST calls, guarded by the bearer token. Refusals answer 400 with OData's error body. */
export async function answerControl(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAuthorized(request, world.options.controlToken))
    throw new RequestRefused(401, 'a bearer token is required');
  const route = routeOf(request.method ?? '', addressOf(request).pathname);
  if (route === undefined) throw new RequestRefused(404, 'no such class or method');
  try {
    const answer = await route(world, request);
    sendJson(response, answer.status, answer.value);
  } catch (error) {
    if (!(error instanceof SiteRefusal)) throw error;
    sendJson(response, 400, { error: { code: String(error.status ?? ''), message: error.message } });
  }
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(String(request.headers.authorization ?? '')), digest(`Bearer ${token}`));
}

async function decode<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const body = await readBody(request, MAX_BODY_BYTES);
  try {
    return schema.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw new RequestRefused(400, 'the body is not what this call takes');
  }
}

/** Settings of site and clients, as what goes wrong now has them. */
function conditions({ options: { faults } }: World): unknown {
  return {
    supAllowsCmg: faults?.gateway !== 'refused',
    managementPointAllowsCmg: true,
    thirdPartyUpdates: faults?.client !== 'untrusted',
    cloudDistribution: true,
    deltaDownload: faults?.client === 'delta-content',
  };
}

function status(world: World): unknown {
  const { state, options } = world;
  const { lastSync, url, approvedThumbprint } = state.subscription;
  const ids = [...new Set([...Object.keys(state.updates), ...Object.keys(state.faults)])];
  return {
    catalog: {
      url,
      approvedThumbprint,
      lastSync,
      fault: lastSync?.outcome === 'failed' ? lastSync.text : null,
    },
    packages: ids.map((packageId) => packageStatus(world, packageId)),
    computers: world.computers.all(),
    signer: { subject: options.signing.subject, thumbprint: options.signing.thumbprint },
  };
}

function packageStatus(world: World, packageId: string): unknown {
  const { state, options } = world;
  const update = state.updates[packageId];
  const row = state.site[packageId];
  const content = update?.content ?? null;
  return {
    packageId,
    title: row?.title ?? null,
    revision: update?.revision ?? null,
    revisedAt: update?.creationDate ?? null,
    isExpired: update?.isExpired ?? false,
    isDeclined: row?.isDeclined ?? false,
    siteRevision: row?.revision ?? null,
    origin: update?.origin ?? null,
    fault: state.faults[packageId] ?? null,
    content:
      content === null || row?.contentFile == null
        ? null
        : {
            path: join(world.contentFolder, row.contentFile),
            sha256: Buffer.from(content.sha256, 'base64').toString('hex'),
            sizeBytes: content.sizeBytes,
            signer: content.signer ?? options.signing.subject,
            originSigner: content.originSigner,
          },
  };
}
