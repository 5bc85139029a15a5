import { childElements, childOf, textOf, type XmlElement } from '../../../text/xml/index.js';
import { type Cookies, cookieOf } from './cookies.js';
import { SoapFault } from './faults.js';
import { type Build, textAt } from './soap.js';

const MAX_EVENTS = 500;
const NO_UPDATE = '00000000-0000-0000-0000-000000000000';

/** One client event ([MS-WUSP] 2.2.2.3.3), the part a server acts on. */
export interface ReportedEvent {
  readonly clientId: string;
  readonly eventId: number;
  readonly at: string;
  /** Lower case; null where the event is about no update. */
  readonly updateId: string | null;
  readonly revision: number;
  /** `0x800B0109`; null for success. */
  readonly hresult: string | null;
  readonly replacementStrings: readonly string[];
  /** 156: updates that are needed and installed, lower-case ids. */
  readonly needed: readonly string[];
  readonly installed: readonly string[];
}

/** [MS-WUSP] 3.1.5.11 ReportEventBatch. */
export function reportEventBatch(
  build: Build,
  request: XmlElement,
  facts: { cookies: Cookies; now: Date; record(events: readonly ReportedEvent[]): void },
): XmlElement {
  const session = facts.cookies.check(cookieOf(request), facts.now);
  const batch = childOf(request, 'eventBatch');
  const events = batch === null ? [] : childElements(batch, 'ReportingEvent');
  if (events.length > MAX_EVENTS) throw new SoapFault('Client', 'InvalidParameters', 'eventBatch');
  facts.record(events.map((event) => readEvent(event, session.clientId)));
  return build('ReportEventBatchResponse', build('ReportEventBatchResult', 'true'));
}

function readEvent(event: XmlElement, clientId: string): ReportedEvent {
  const basic = childOf(event, 'BasicData');
  const extended = childOf(event, 'ExtendedData');
  if (basic === null) throw new SoapFault('Client', 'InvalidParameters', 'eventBatch');
  const updateId = (textAt(basic, 'UpdateID', 'UpdateID') ?? NO_UPDATE).trim().toLowerCase();
  const misc = stringsOf(extended, 'MiscData');
  return {
    clientId,
    eventId: wholeNumber(textAt(basic, 'EventID')),
    at: (textAt(basic, 'TimeAtTarget') ?? '').trim().slice(0, 40),
    updateId: updateId === NO_UPDATE ? null : updateId.slice(0, 36),
    revision: wholeNumber(textAt(basic, 'UpdateID', 'RevisionNumber')),
    hresult: hresultOf(wholeNumber(textAt(basic, 'Win32HResult'))),
    replacementStrings: stringsOf(extended, 'ReplacementStrings').map((text) => text.slice(0, 400)),
    needed: idsOf(misc, 'U='),
    installed: idsOf(misc, 'V='),
  };
}

function stringsOf(extended: XmlElement | null, name: string): readonly string[] {
  const list = extended === null ? null : childOf(extended, name);
  return list === null ? [] : childElements(list).map(textOf);
}

function idsOf(misc: readonly string[], key: string): readonly string[] {
  const entry = misc.find((text) => text.startsWith(key));
  return entry === undefined
    ? []
    : entry
        .slice(key.length)
        .toLowerCase()
        .split(';')
        .filter((id) => /^[0-9a-f-]{36}$/.test(id));
}

function wholeNumber(text: string | null): number {
  const value = Number(text ?? 'NaN');
  if (!Number.isSafeInteger(value)) throw new SoapFault('Client', 'InvalidParameters', 'eventBatch');
  return value;
}

/** On the wire an HRESULT is a signed decimal. */
function hresultOf(value: number): string | null {
  return value === 0 ? null : `0x${(value >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;
}
