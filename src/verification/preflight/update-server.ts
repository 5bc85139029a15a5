import { judgeEnd, judgeTls } from './certificate.js';
import { type Condition, failed, notCheckable, notConfigured, ok, warning } from './row.js';
import type { PreflightSources, ServerProbe } from './sources.js';

const AREA = 'update server';
const BRIDGE = 'softwareUpdatePoint.command';

/** The first build of each Windows Server that mends CVE-2025-59287 (the CVE's record, October 2025). */
const FIXED_BUILDS: Readonly<Record<string, number>> = {
  '14393': 8524,
  '17763': 7922,
  '20348': 4297,
  '25398': 1916,
  '26100': 6905,
};

/** WsusContent needs room for the largest package twice: as uploaded and as published. */
const LOW_SPACE_BYTES = 10 * 1024 ** 3;

type Look = Condition<PreflightSources>['look'];

/** A look at what the bridge says; without one the row says which setting is missing. */
function fromBridge(judge: (probe: ServerProbe, now: Date) => Awaited<ReturnType<Look>>): Look {
  return async ({ bridge, now }) => (bridge === null ? notConfigured(BRIDGE) : judge(await bridge(), now));
}

export const UPDATE_SERVER: readonly Condition<PreflightSources>[] = [
  {
    id: 'sup-tls',
    area: AREA,
    checked:
      'the Software Update Point is reached over TLS (content over HTTP is how WSUS works, and no fault)',
    expected: 'https, a trusted certificate for this name, valid for 30 days at least',
    fix: 'bind a certificate to the WSUS web site (port 8531), run wsusutil configuressl, and require SSL in the properties of the software update point',
    look: async ({ updateServer, now }) =>
      updateServer === null ? notConfigured('softwareUpdatePoint.url') : judgeTls(updateServer, now),
  },
  {
    id: 'sup-patch-level',
    area: AREA,
    checked: 'the server is mended against CVE-2025-59287',
    expected: 'a Windows build from October 2025 on',
    fix: 'install the current cumulative update on the WSUS server, and let nobody but clients and site reach ports 8530 and 8531',
    look: fromBridge(({ osBuild }) => judgeBuild(osBuild ?? null)),
  },
  {
    id: 'sup-role',
    area: AREA,
    checked: 'the bridge reaches the top-level server, as a WSUS administrator',
    expected: 'no replica, role Administrator',
    fix: 'point the bridge at the top-level Software Update Point, and make its account a member of WSUS Administrators',
    look: fromBridge(({ isReplica, role }) => {
      if (isReplica) return failed('the server is a replica');
      return role === 'Administrator' ? ok(`no replica, as ${role}`) : failed(`the account is ${role}`);
    }),
  },
  {
    id: 'wsus-certificate',
    area: AREA,
    checked: 'WSUS has a signing certificate for content',
    expected: 'one, valid for 30 days at least',
    fix: 'Administration > Site Configuration > Sites > Configure Site Components > Software Update Point > Third Party Updates: let Configuration Manager manage the certificate, or import one (PFX) into WSUS',
    look: fromBridge(({ certificate }, now) =>
      certificate === null ? failed('none') : judgeEnd(certificate.subject, certificate.notAfter, now),
    ),
  },
  {
    id: 'content-share',
    area: AREA,
    checked: 'the content share of WSUS is reached, and has room',
    expected: 'WsusContent can be opened, 10 GB free',
    fix: 'check the share WsusContent and the rights of the account of the bridge on it; free space or move it (wsusutil movecontent)',
    look: fromBridge(({ contentShare }) => {
      if (contentShare === undefined || contentShare === null)
        return notCheckable(
          'the share WsusContent on the WSUS server: this bridge is older and does not tell',
        );
      const { path, isReachable, freeBytes } = contentShare;
      if (!isReachable) return failed(`${path} cannot be opened`);
      if (freeBytes === null) return ok(path);
      const free = `${path}, ${Math.floor(freeBytes / 1024 ** 3)} GB free`;
      return freeBytes < LOW_SPACE_BYTES ? warning(free) : ok(free);
    }),
  },
  {
    id: 'sup-reaches-content',
    area: AREA,
    checked: 'the top-level Software Update Point reaches our content server and trusts its certificate',
    expected: 'an answer over https, through the proxy that the account of the bridge has',
    fix: 'check name, firewall and proxy from that server, and put the root of our certificate into its Trusted Root (docs/settings.md, content.*)',
    look: fromBridge(({ reach }) => {
      if (reach === undefined || reach === null)
        return notCheckable(
          'SMS_ISVUPDATES_SYNCAGENT.log on that server: this bridge is older and does not tell',
        );
      const way = `as ${reach.account}, ${reach.proxy === null ? 'directly' : `through ${reach.proxy}`}`;
      return reach.fault === null ? ok(way) : failed(`${reach.fault} (${way})`);
    }),
  },
];

function judgeBuild(osBuild: string | null) {
  const [build = '', revision = ''] = (osBuild ?? '').split('.');
  const fixed = FIXED_BUILDS[build];
  if (osBuild === null || fixed === undefined || !/^\d+$/.test(revision))
    return notCheckable(
      `winver on the WSUS server (found: ${osBuild ?? 'nothing'}), and the record of CVE-2025-59287 for its build`,
    );
  return Number(revision) >= fixed
    ? ok(`build ${osBuild}`)
    : failed(`build ${osBuild} is older than ${build}.${fixed}`);
}
