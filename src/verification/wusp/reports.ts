import type { Machine } from '../../core/machine.js';
import type { XmlElement } from '../../text/xml/index.js';
import { callAsClient, type WuspSession } from './session.js';
import { elements, SERVICES } from './soap.js';

const NO_UPDATE = { updateId: '00000000-0000-0000-0000-000000000000', revision: 0 };

/** Event numbers of namespace 1 (the table of a real server). */
export const EVENT = {
  scanSucceeded: 147,
  status: 156,
  downloadFailed: 161,
  downloadSucceeded: 162,
  downloadStarted: 167,
  installStarted: 181,
  installFailed: 182,
  installSucceeded: 183,
  installSucceededRestart: 184,
} as const;

export interface ClientEvent {
  readonly eventId: number;
  readonly update: { readonly updateId: string; readonly revision: number } | null;
  /** 0, or an HRESULT as an unsigned number: 0x800B0109. */
  readonly hresult: number;
  readonly replacementStrings: readonly string[];
  readonly miscData: readonly string[];
}

/** 147 and 156: how many updates were found, which are needed and which installed. */
export function scanEvents(needed: readonly string[], installed: readonly string[]): readonly ClientEvent[] {
  const ids = (key: string, list: readonly string[]) =>
    list.length === 0 ? [] : [`${key}=${list.map((id) => id.toUpperCase()).join(';')}`];
  const event = (eventId: number, replacementStrings: string[], miscData: string[]): ClientEvent => ({
    eventId,
    update: null,
    hresult: 0,
    replacementStrings,
    miscData,
  });
  return [
    event(EVENT.scanSucceeded, [String(needed.length)], []),
    event(EVENT.status, [], [...ids('U', needed), ...ids('V', installed)]),
  ];
}

/** ReportEventBatch ([MS-WUSP] 2.2.2.3): one call, in the order given. */
export async function reportEvents(
  session: WuspSession,
  events: readonly ClientEvent[],
  facts: { readonly now: Date; newId(): string; readonly os: Machine['os'] },
): Promise<void> {
  const build = elements(SERVICES.reporting);
  const at = facts.now.toISOString();
  const batch = events.map((event) => eventElement(session, event, { ...facts, at }));
  await callAsClient(session, SERVICES.reporting, 'ReportEventBatch', () => [
    build('clientTime', at),
    build('eventBatch', ...batch),
  ]);
}

const PROCESSOR = { x86: 'X86Compatible', x64: 'Amd64Compatible', arm64: 'Unknown' } as const;

function eventElement(
  session: WuspSession,
  event: ClientEvent,
  facts: { at: string; newId(): string; os: Machine['os'] },
): XmlElement {
  const build = elements(SERVICES.reporting);
  const strings = (name: string, list: readonly string[]) =>
    list.length === 0 ? null : build(name, ...list.map((text) => build('string', text)));
  const { updateId, revision } = event.update ?? NO_UPDATE;
  return build(
    'ReportingEvent',
    build(
      'BasicData',
      build('TargetID', build('Sid', session.computer.clientId)),
      build('SequenceNumber', '0'),
      build('TimeAtTarget', facts.at),
      build('EventInstanceID', facts.newId()),
      build('NamespaceID', '1'),
      build('EventID', String(event.eventId)),
      build('SourceID', '101'),
      build('UpdateID', build('UpdateID', updateId), build('RevisionNumber', String(revision))),
      // On the wire an HRESULT is a signed decimal.
      build('Win32HResult', String(event.hresult | 0)),
    ),
    build(
      'ExtendedData',
      strings('ReplacementStrings', event.replacementStrings),
      strings('MiscData', event.miscData),
      build('ComputerBrand', 'unknown'),
      build('ComputerModel', 'unknown'),
      build('BiosRevision', 'unknown'),
      build('ProcessorArchitecture', PROCESSOR[facts.os.architecture]),
      osVersion(facts.os),
      build('OSLocaleID', '1033'),
    ),
    build('PrivateData'),
  );
}

function osVersion(os: Machine['os']): XmlElement {
  const build = elements(SERVICES.reporting);
  const [major = '10', minor = '0', number = '0', revision = '0'] = os.version.split('.');
  return build(
    'OSVersion',
    build('Major', major),
    build('Minor', minor),
    build('Build', number),
    build('Revision', revision),
    build('ServicePackMajor', '0'),
    build('ServicePackMinor', '0'),
  );
}
