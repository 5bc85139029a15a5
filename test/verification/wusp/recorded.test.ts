import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { childElements, parseXml, textOf, type XmlElement } from '../../../src/text/xml/index.js';
import { eventsOfScan } from '../../../src/verification/install-events.js';
import { scanServer } from '../../../src/verification/scan.js';
import { createHttpsTransport } from '../../../src/verification/transport.js';
import { extendedInfo } from '../../../src/verification/wusp/extended.js';
import { reportEvents } from '../../../src/verification/wusp/reports.js';
import { openSession } from '../../../src/verification/wusp/session.js';
import { absent, SAMPLES } from '../../sus/samples.js';
import { windows } from '../machine.js';
import { type Asked, stubServer, syncAnswer } from './stub-server.js';

const recorded = (name: string) => readFileSync(`${SAMPLES}/wusp/${name}`, 'utf8');

const HANDSHAKE: Readonly<Record<string, string>> = {
  GetConfig: 'handshake/getconfig.response.xml',
  GetAuthorizationCookie: 'handshake/getauthorizationcookie.response.xml',
  GetCookie: 'handshake/getcookie.response.xml',
  RegisterComputer: 'handshake/registercomputer.response.xml',
  GetExtendedUpdateInfo: 'extended/bundle-and-children.response.xml',
  ReportEventBatch: 'reporting/any.response.xml',
};

/** Paths of local names, each once, in order: the shape of a message. */
function shape(xml: string): readonly string[] {
  const paths = new Set<string>();
  const walk = (from: XmlElement, path: string): void => {
    paths.add(path);
    for (const child of childElements(from)) walk(child, `${path}/${child.localName}`);
  };
  const body = childElements(parseXml(xml))[0];
  for (const call of body === undefined ? [] : childElements(body)) walk(call, call.localName);
  return [...paths];
}

function session(base: string) {
  const transport = createHttpsTransport({ client: null, hosts: {}, timeoutMs: 10_000 });
  const computer = { clientId: 'e1da06a3-5601-43c9-bac3-52d5db701494', dnsName: 'REDACTED3' };
  const now = () => new Date('2026-10-04T15:03:36Z');
  return openSession({ transport, base, computer, machine: windows, now });
}

describe('against the recorded answers of a real server', { skip: absent }, () => {
  const rounds = (list: readonly string[]) => {
    const left = [...list];
    return ({ operation }: Asked) => {
      if (operation !== 'SyncUpdates') return recorded(HANDSHAKE[operation] ?? '');
      return recorded(`sync/${left.shift() ?? 'driver-pass'}.response.xml`);
    };
  };

  test('a filtered scan goes down its levels with the requests that the agent made', async (t) => {
    const { base, asked } = await stubServer(t, rounds(['scan-round1', 'scan-round2']));
    const scan = await scanServer(await session(base), new Map());
    assert.equal(scan.trips, 3);
    assert.deepEqual(
      scan.updates.map(({ revisionId, state, known }) => [revisionId, state, known?.core.updateType]),
      [
        [108226, 'installed', 'Category'],
        [108231, 'installed', 'Category'],
      ],
    );
    const calls = asked.map(({ operation }) => operation);
    assert.deepEqual(calls.slice(0, 4), [
      'GetConfig',
      'GetAuthorizationCookie',
      'GetCookie',
      'RegisterComputer',
    ]);
    const named = asked
      .filter(({ operation }) => operation === 'SyncUpdates')
      .map(({ body }) => [...body.matchAll(/<int>(\d+)</g)].map((match) => Number(match[1])));
    assert.deepEqual(named, [[], [108226], [108226, 108231]]);
  });

  test('each request has the shape of the recorded one: nothing of its own, everything in its order', async (t) => {
    const { base, asked } = await stubServer(t, rounds(['scan-round1', 'scan-round2']));
    const opened = await session(base);
    const scan = await scanServer(opened, new Map());
    await extendedInfo(opened, [191472, 192576]);
    const facts = { now: new Date(), newId: () => opened.computer.clientId, os: windows.os };
    await reportEvents(opened, eventsOfScan(scan), facts);
    const files: Readonly<Record<string, string>> = {
      GetConfig: 'handshake/getconfig.request.xml',
      GetAuthorizationCookie: 'handshake/getauthorizationcookie.request.xml',
      GetCookie: 'handshake/getcookie.request.xml',
      RegisterComputer: 'handshake/registercomputer.request.xml',
      SyncUpdates: 'sync/scan-round2.request.xml',
      GetExtendedUpdateInfo: 'extended/bundle-and-children.request.xml',
      ReportEventBatch: 'reporting/download-install-started.request.xml',
    };
    for (const [operation, name] of Object.entries(files)) {
      const call = asked.findLast((one) => one.operation === operation);
      const [ours, theirs] = [shape(call?.body ?? ''), shape(recorded(name))];
      assert.deepEqual(
        ours.filter((path) => !theirs.includes(path)),
        [],
        operation,
      );
      assert.deepEqual(
        ours,
        theirs.filter((path) => ours.includes(path)),
        `the order of ${operation}`,
      );
    }
    const head = recorded('handshake/getauthorizationcookie.request.headers');
    const auth = asked.find(({ operation }) => operation === 'GetAuthorizationCookie');
    assert.ok(head.startsWith(`POST ${auth?.path} HTTP/1.1`));
    assert.ok(head.includes(`SOAPAction: ${auth?.headers.soapaction}`));
  });

  test('a first page of 30 is judged whole, and answered with all its ids', async (t) => {
    const { base, asked } = await stubServer(t, rounds(['first-page-empty-cache']));
    const scan = await scanServer(await session(base), new Map());
    const installed = scan.updates.filter(({ state }) => state === 'installed');
    const classification = scan.updates.find(
      ({ known }) => known?.core.updateId === 'e6cf1350-c01b-414d-a61f-263d14d133b4',
    );
    assert.equal(scan.updates.length, 30);
    assert.equal(classification?.state, 'installed');
    const last = asked.findLast(({ operation }) => operation === 'SyncUpdates')?.body ?? '';
    const list = (name: string) =>
      [...(new RegExp(`<${name}>(.*?)</${name}>`).exec(last)?.[1] ?? '').matchAll(/<int>(\d+)</g)].length;
    const unlocking = installed.filter(({ isLeaf }) => !isLeaf).length;
    assert.ok(unlocking > 0);
    assert.deepEqual(
      [list('InstalledNonLeafUpdateIDs'), list('OtherCachedUpdateIDs')],
      [unlocking, 30 - unlocking],
    );
  });

  test('the details of 18 revisions, each with its title, and where the nine files are', async (t) => {
    const { base } = await stubServer(t, rounds([]));
    const ids = [...recorded('extended/bundle-and-children.request.xml').matchAll(/<int>(\d+)</g)];
    const info = await extendedInfo(
      await session(base),
      ids.map((match) => Number(match[1])),
    );
    assert.deepEqual([info.extended.size, info.localized.size, info.locations.size], [18, 18, 9]);
    for (const url of info.locations.values()) assert.match(url, /^http:\/\/192\.0\.2\.1:8530\/Content\//);
  });

  test('a fault ends the scan with the words of the server', async (t) => {
    const { base } = await stubServer(t, (one) =>
      one.operation === 'SyncUpdates'
        ? recorded('faults/invalidparameters-401-installed.response.xml')
        : rounds([])(one),
    );
    await assert.rejects(scanServer(await session(base), new Map()), {
      code: 'target.refused',
      found: 'InvalidParameters (parameters.InstalledNonLeafUpdateIDs)',
    });
  });

  test('a member of a bundle as it was recorded: what is not known of it is said', async (t) => {
    const excerpt = recorded('sync/bundle-child.updateinfo.excerpt.xml');
    const core = textOf(childElements(parseXml(excerpt), 'Xml')[0] as XmlElement).replace(
      /<Prerequisites>.*<\/Prerequisites>/,
      '',
    );
    const { base } = await stubServer(t, (one) =>
      one.operation === 'SyncUpdates'
        ? syncAnswer([{ id: 192576, core, action: 'Bundle' }])
        : rounds([])(one),
    );
    const scan = await scanServer(await session(base), new Map());
    const [member] = scan.updates;
    assert.deepEqual([member?.state, member?.unknown, scan.trips], ['notApplicable', true, 2]);
    assert.match(member?.why ?? '', /LicenseDword is not known/);
  });
});
