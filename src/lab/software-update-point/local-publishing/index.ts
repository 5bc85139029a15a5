import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeFault } from '../../../core/errors.js';
import { addressOf, RequestRefused, readBody, sendJson } from '../http.js';
import { whyUnreachable } from '../outbound.js';
import {
  addToUpdateGroup,
  deployUpdateGroup,
  distributePackage,
  removeFromUpdateGroup,
  saveUpdate,
  updateGroup,
} from '../site/deployment-cmdlets.js';
import type { World } from '../world.js';
import { CALLS } from './calls.js';
import { PublishFault } from './fault.js';
import { deleteUpdate, exportSdp, listLocal, resign, setDeclined } from './lifecycle.js';
import { expire, listUpdates, publish, publishMetadata, publishSigned, revise } from './publisher.js';
import { enableClassification, enableProduct, publishByCiId } from './site-cmdlets.js';

const PREFIX = '/lab/wsus/';
const MAX_BODY_BYTES = 32 << 20;

export function isLocalPublishingPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/**
 * What the far side of the Windows bridge finds on the server: the publishing API, as `IPublisher` behaves
 * (wsus-publishing 2). The lab's own form, over HTTPS with a token of its own. Faults answer 400 with the API's words.
 */
export async function answerLocalPublishing(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAuthorized(request, world.options.bridgeToken)) {
    throw new RequestRefused(401, 'the token of the bridge is required');
  }
  if (request.method !== 'POST') throw new RequestRefused(405, 'POST');
  const verb = addressOf(request).pathname.slice(PREFIX.length);
  const body = await readJson(request);
  try {
    sendJson(response, 200, { result: await world.exclusive(() => run(world, verb, body)) });
  } catch (error) {
    if (error instanceof RequestRefused) throw error;
    const fault = error instanceof PublishFault ? error : null;
    const message = fault?.message ?? describeFault(error);
    sendJson(response, 400, {
      error: { step: fault?.step ?? verb, message, exception: fault?.exception ?? 'WsusException' },
    });
  }
}

async function run(world: World, verb: string, body: unknown): Promise<unknown> {
  switch (verb) {
    case 'probe':
      return probe(world, CALLS.probe.parse(body).contentUrl);
    case 'list':
      return { updates: listUpdates(world, CALLS.list.parse(body).packageIds) };
    case 'publish':
      return { update: await publish(world, CALLS.publish.parse(body)) };
    case 'publish-signed':
      return { update: await publishSigned(world, CALLS['publish-signed'].parse(body)) };
    case 'publish-metadata':
      return { update: await publishMetadata(world, CALLS['publish-metadata'].parse(body)) };
    case 'revise':
      return { update: revise(world, CALLS.revise.parse(body)) };
    case 'resign':
      return { update: await resign(world, CALLS.resign.parse(body)) };
    case 'list-local':
      return { updates: listLocal(world) };
    case 'cert':
      return certificateOf(world);
    case 'export-sdp':
      return exportSdp(world, idIn(body));
    case 'expire':
      return { update: expire(world, idIn(body)) };
    case 'decline':
      return { update: setDeclined(world, idIn(body), true) };
    case 'undecline':
      return { update: setDeclined(world, idIn(body), false) };
    case 'delete':
      return deleteUpdate(world, idIn(body));
    default:
      return runCmdlet(world, verb, body);
  }
}

function runCmdlet(world: World, verb: string, body: unknown): unknown {
  switch (verb) {
    case 'publish-content':
      return publishByCiId(world, CALLS[verb].parse(body).ciId);
    case 'enable-product':
      return enableProduct(world, CALLS[verb].parse(body).product);
    case 'enable-classification':
      return enableClassification(world, CALLS[verb].parse(body).classification);
    case 'update-group':
      return updateGroup(world, CALLS[verb].parse(body).group);
    case 'add-to-update-group': {
      const { group, ciId } = CALLS[verb].parse(body);
      return addToUpdateGroup(world, group, ciId);
    }
    case 'remove-from-update-group': {
      const { group, ciIds } = CALLS[verb].parse(body);
      return removeFromUpdateGroup(world, group, ciIds);
    }
    case 'save-update':
      return saveUpdate(world, CALLS[verb].parse(body));
    case 'distribute-package':
      return distributePackage(world, CALLS[verb].parse(body));
    case 'deploy-update-group':
      return deployUpdateGroup(world, CALLS[verb].parse(body));
    default:
      throw new RequestRefused(404, 'no such verb');
  }
}

const idIn = (body: unknown): string => CALLS.one.parse(body).packageId;

/** The lab's server and its console are one machine, which trusts its own certificate. */
function certificateOf({ options }: World): unknown {
  const { subject, thumbprint, trust } = options.signing;
  const [root] = trust.codeSigningRoots;
  if (root === undefined)
    return { certificate: null, keyBits: null, isInTrustedRoot: false, isInTrustedPublishers: false };
  const { validTo, publicKey } = new X509Certificate(root);
  return {
    certificate: { subject, thumbprint, notAfter: new Date(validTo).toISOString() },
    keyBits: publicKey.asymmetricKeyDetails?.modulusLength ?? null,
    isInTrustedRoot: true,
    isInTrustedPublishers: true,
  };
}

async function probe({ options, contentFolder }: World, contentUrl: string | undefined): Promise<unknown> {
  const { subject, thumbprint, trust } = options.signing;
  const [root] = trust.codeSigningRoots;
  const notAfter = root === undefined ? options.now() : new Date(new X509Certificate(root).validTo);
  return {
    version: '10.0.26100.1 (lab)',
    isReplica: false,
    role: 'Administrator',
    isSecure: true,
    maxCabSizeMb: 2047,
    certificate: { subject, thumbprint, notAfter: notAfter.toISOString() },
    osBuild: '26100.6905',
    contentShare: { path: contentFolder, isReachable: existsSync(contentFolder), freeBytes: null },
    reach:
      contentUrl === undefined
        ? null
        : { account: 'lab', proxy: null, fault: await whyUnreachable(options.outbound, contentUrl) },
  };
}

function isAuthorized(request: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(String(request.headers.authorization ?? '')), digest(`Bearer ${token}`));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, MAX_BODY_BYTES);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new RequestRefused(400, 'the body is no JSON');
  }
}
