import { CAB } from '../../formats/cab/index.js';
import { BAR, CMD, LAR, MSI, MSIAR, SDP, SMC } from '../../sus/namespaces.js';
import {
  element,
  parseXml,
  withoutLayout,
  writeXml,
  type XmlDeclaration,
  type XmlElement,
} from '../../text/xml/index.js';

const MAX_SDP_BYTES = 8 << 20;
const DECLARED: readonly XmlDeclaration[] = [SMC, SDP, BAR, LAR, MSIAR, CMD, MSI];
const PACKAGE = 'SoftwareDistributionPackage';

const [HEAD, TAIL] = halves();

/** What stands around the packages in the XML at the root of the cabinet (configmgr-catalog 1.3). */
export const ROOT_XML = { head: filled(HEAD), tail: Buffer.from(TAIL, 'utf8') } as const;

/**
 * The packages of one group as they stand in the root XML, with white space behind them up to a whole block of a cabinet:
 * so the blocks of a group are the same wherever it stands, and are kept as its folder is.
 */
export function groupInRoot(packages: readonly string[]): Buffer {
  return filled(packages.join(''));
}

function filled(text: string): Buffer {
  const sizeBytes = Buffer.byteLength(text, 'utf8');
  const filledBytes = Math.ceil(sizeBytes / CAB.blockBytes) * CAB.blockBytes;
  return Buffer.from(text + ' '.repeat(filledBytes - sizeBytes), 'utf8');
}

function halves(): readonly [head: string, tail: string] {
  const split = '\n';
  const root = { ...element(SMC, 'SystemsManagementCatalog', {}, [split]), declarations: DECLARED };
  const text = writeXml(root, { declaration: true });
  const at = text.lastIndexOf(split);
  return [text.slice(0, at + 1), text.slice(at + 1)];
}

/**
 * One package as it stands in the root XML, which sites before 1806 read alone: its root element in the catalog's
 * namespace, all else as in its own file. A document of our own form is renamed where it stands, a tenth of the cost of
 * reading and writing it; it was read when it was made. PermanentError as `parseXml` for one that cannot be read.
 */
export function packageInRoot(sdp: Buffer, where: string): string {
  const renamed = rename(sdp.toString('utf8'));
  if (renamed !== null) return renamed;
  const catalog = {
    ...element(SMC, 'SystemsManagementCatalog', {}, [
      inCatalog(parseXml(sdp, { where, maxBytes: MAX_SDP_BYTES })),
    ]),
    declarations: DECLARED,
  };
  // Written inside the catalog's root, so that what that declares is not declared again.
  const text = writeXml(catalog);
  return `${text.slice(text.indexOf('>') + 1, text.lastIndexOf('</'))}\n`;
}

const START = new RegExp(`^<sdp:${PACKAGE}((?: [A-Za-z:]+="[^"<&]*")*)>`);
const END = `</sdp:${PACKAGE}>`;

/** Null where anything but the form of our own writer stands at either end. */
function rename(text: string): string | null {
  const start = START.exec(text);
  const trimmed = text.trimEnd();
  if (start === null || !trimmed.endsWith(END) || text.includes('\ufffd')) return null;
  const attributes = [...(start[1] ?? '').matchAll(/ ([A-Za-z:]+)="([^"]*)"/g)];
  const kept = attributes.filter(([, name]) => !name?.startsWith('xmlns'));
  const declared = attributes.filter((attribute) => !kept.includes(attribute));
  const isKnown = declared.every(([, name, value]) =>
    DECLARED.some(({ prefix, namespace }) => name === `xmlns:${prefix}` && value === namespace),
  );
  if (!isKnown || !declared.some(([, name]) => name === `xmlns:${SDP.prefix}`)) return null;
  const inner = trimmed.slice(start[0].length, -END.length);
  return `<smc:${PACKAGE}${kept.map(([whole]) => whole).join('')}>${inner}</smc:${PACKAGE}>\n`;
}

function inCatalog(document: XmlElement): XmlElement {
  return {
    ...withoutLayout(document),
    ...SMC,
    declarations: document.declarations.filter(
      ({ prefix, namespace }) =>
        // Ours on this element; the writer declares another meaning where it is used.
        prefix !== SMC.prefix &&
        !DECLARED.some((known) => known.prefix === prefix && known.namespace === namespace),
    ),
  };
}
