import { describeFault } from '../../core/errors.js';
import { judgeEnd, judgeTls } from './certificate.js';
import { type Condition, type Finding, failed, notCheckable, notConfigured, ok } from './row.js';
import type { GatewayReads, GatewayWay, PreflightSources } from './sources.js';

const AREA = 'cloud management gateway';
/** Of a certificate a month is needed to replace it; tokens live for days. */
const SOON_DAYS = { certificate: 30, token: 1 } as const;
const URL_SETTING = 'gateway.url';

type Look = Condition<PreflightSources>['look'];

function throughGateway(kind: GatewayWay['kind'], settingName: string): Look {
  return async ({ gateway, now }) => {
    const way = gateway?.ways.find((one) => one.kind === kind);
    if (gateway === null || way === undefined)
      return notConfigured(gateway === null ? URL_SETTING : settingName);
    return judgeWay(way, now);
  };
}

async function judgeWay({ kind, notAfter, ask }: GatewayWay, now: Date): Promise<Finding> {
  const last = notAfter();
  const end = last === null ? ok(`${kind} accepted`) : judgeEnd(`the ${kind}`, last, now, SOON_DAYS[kind]);
  if (end.state === 'failed') return end;
  try {
    await ask();
    return end;
  } catch (error) {
    return failed(describeFault(error));
  }
}

const CONTENT_STATUS =
  "Monitoring > Distribution Status > Content Status of the deployment package; on a device DataTransferService.log names the address and what it answers (no page of Microsoft's tells its form)";

/** Where the services do not answer nothing is known of the content: their own rows say why. */
async function judgeContent(look: NonNullable<GatewayReads['content']>): Promise<Finding> {
  let looks: Awaited<ReturnType<typeof look>>;
  try {
    looks = await look();
  } catch (error) {
    const fix = 'mend what the rows cmg-client-certificate and cmg-client-token say first';
    return { state: 'unknown', found: describeFault(error), fix };
  }
  if (looks.length === 0) return { state: 'unknown', found: 'no update is distributed yet' };
  const missing = looks.filter(({ refusal }) => refusal !== null);
  const found = `${looks.length - missing.length} of the ${looks.length} newest distributed updates`;
  const [first] = missing;
  return first === undefined ? ok(found) : failed(`${found}; ${first.packageId}: ${first.refusal}`);
}

export const GATEWAY: readonly Condition<PreflightSources>[] = [
  {
    id: 'cmg-certificate',
    area: AREA,
    checked: "the gateway's server certificate",
    expected: 'for its name, trusted by clients, valid for 30 days at least',
    fix: 'Administration > Cloud Services > Cloud Management Gateway > Properties > Settings: another server authentication certificate; its root must be in Trusted Root of clients',
    look: async ({ gateway, now }) =>
      gateway === null ? notConfigured(URL_SETTING) : judgeTls(gateway, now),
  },
  {
    id: 'cmg-client-certificate',
    area: AREA,
    checked: 'a client with a certificate reaches the update services through the gateway',
    expected: 'GetConfig answers',
    fix: "the client's certificate must lead to a root that the gateway trusts (CMG > Properties > Settings > Certificates), and the software update point must allow CMG traffic",
    look: throughGateway('certificate', 'gateway.clientCertificateFile'),
  },
  {
    id: 'cmg-client-token',
    area: AREA,
    checked: 'a client with a token reaches the update services through the gateway',
    expected: 'GetConfig answers, the token has not expired',
    fix: 'get another token (bulk registration tokens end after a week at most), and let the software update point allow CMG traffic; for Entra check app registrations and Cloud Services > Azure Services',
    look: throughGateway('token', 'gateway.tokenFile'),
  },
  {
    id: 'cmg-content',
    area: AREA,
    checked: 'the content of published updates is on a content-enabled CMG',
    expected: 'IsContentProvisioned for each deployable update',
    fix: 'Software Library > Deployment Packages > Distribute Content, to a group that holds the CMG with "Allow CMG to function as a cloud distribution point and serve content"; an automatic deployment rule does it for each new update',
    look: async ({ site }) => {
      if (site === null) return notConfigured('site.adminServiceUrl');
      const deployable = (await site.updates()).filter(({ isDeployable }) => isDeployable);
      if (deployable.length === 0) return { state: 'unknown', found: 'no update is deployable yet' };
      const missing = deployable.filter(({ isOnCmg }) => !isOnCmg);
      const found = `${deployable.length - missing.length} of ${deployable.length} deployable updates`;
      return missing.length === 0 ? ok(found) : failed(`${found}; not ${missing[0]?.packageId}`);
    },
  },
  {
    id: 'cmg-content-file',
    area: AREA,
    checked: 'a client gets the files of distributed updates through the gateway',
    expected: 'the first bytes of each, of a file of the size that the metadata says',
    fix: 'Software Library > Deployment Packages > Update Distribution Points; Monitoring > Distribution Status shows what the CMG has of the package',
    look: async ({ gateway }) => {
      if (gateway === null) return notConfigured(URL_SETTING);
      return gateway.content === null ? notCheckable(CONTENT_STATUS) : judgeContent(gateway.content);
    },
  },
];
