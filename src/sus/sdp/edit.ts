import { PermanentError } from '../../core/errors.js';
import type { PackageEdits } from '../../core/imported.js';
import {
  attributeOf,
  childElements,
  childOf,
  element,
  textOf,
  type XmlElement,
  type XmlNode,
} from '../../text/xml/index.js';
import { SDP } from '../namespaces.js';
import { utcMsOf } from './dates.js';

/** What stands before SupersededPackages in a package (SoftwareDistributionPackage.xsd). */
const BEFORE_SUPERSEDED = [
  'Properties',
  'LocalizedProperties',
  'UpdateSpecificData',
  'ApplicationSpecificData',
  'IsInstallable',
  'IsInstalled',
];

/**
 * A vendor's document with an administrator's words in it. It is changed where it stands, so that everything else stays
 * as the vendor wrote it, also what our own model does not write (drivers). It is newer than both. PermanentError
 * `package.invalid` where the document has no place for an edit.
 */
export function editDocument(root: XmlElement, edits: PackageEdits): XmlElement {
  const steps: readonly ((from: XmlElement) => XmlElement)[] = [
    (from) => editProperties(from, edits),
    (from) => editTexts(from, edits),
    (from) => editSpecificData(from, edits),
    (from) => editSuperseded(from, edits.supersedes ?? []),
  ];
  return steps.reduce((from, step) => step(from), root);
}

function editProperties(root: XmlElement, { editedAt, vendor, product }: PackageEdits): XmlElement {
  return withChild(root, 'Properties', (properties) => {
    const created = attributeOf(properties, 'CreationDate') ?? '';
    const dated = withAttribute(properties, 'CreationDate', newerThan(created, editedAt));
    const named = vendor === undefined ? dated : withAttribute(dated, 'VendorName', vendor);
    if (product === undefined) return named;
    const others = named.children.filter(
      (child) => typeof child === 'string' || child.localName !== 'ProductName',
    );
    return { ...named, children: [...others, sdp(root, 'ProductName', [product])] };
  });
}

/** A site takes a document for new by its date alone (configmgr-catalog 1.4). */
function newerThan(created: string, editedAt: string): string {
  const known = utcMsOf(created);
  const at = Math.max(Date.parse(editedAt), Number.isNaN(known) ? 0 : known + 1000);
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** English where there is English, else the first. */
function editTexts(root: XmlElement, { title, description }: PackageEdits): XmlElement {
  if (title === undefined && description === undefined) return root;
  const all = childElements(root, 'LocalizedProperties');
  const language = (entry: XmlElement) =>
    textOf(childOf(entry, 'Language') ?? entry)
      .trim()
      .toLowerCase();
  const wanted = all.find((entry) => language(entry) === 'en') ?? all[0];
  if (wanted === undefined) throw noPlace('LocalizedProperties');
  const texts = [
    ['Title', title],
    ['Description', description],
  ] as const;
  const edited = texts.reduce(
    (entry, [name, text]) =>
      text === undefined ? entry : withChild(entry, name, (old) => ({ ...old, children: [text] })),
    wanted,
  );
  return { ...root, children: root.children.map((child) => (child === wanted ? edited : child)) };
}

function editSpecificData(root: XmlElement, { classification, severity }: PackageEdits): XmlElement {
  if (classification === undefined && severity === undefined) return root;
  return withChild(root, 'UpdateSpecificData', (data) => {
    const filed =
      classification === undefined ? data : withAttribute(data, 'UpdateClassification', classification);
    if (severity === undefined) return filed;
    return withAttribute(filed, 'MsrcSeverity', severity === 'None' ? null : severity);
  });
}

function editSuperseded(root: XmlElement, ids: readonly string[]): XmlElement {
  const list = childOf(root, 'SupersededPackages');
  const known = (list === null ? [] : childElements(list, 'PackageID')).map((id) =>
    textOf(id).trim().toLowerCase(),
  );
  const more = ids.filter((id) => !known.includes(id)).map((id) => sdp(root, 'PackageID', [id]));
  if (more.length === 0) return root;
  if (list !== null)
    return withChild(root, 'SupersededPackages', (old) => ({ ...old, children: [...old.children, ...more] }));
  const before = root.children.findLastIndex(
    (child) => typeof child !== 'string' && BEFORE_SUPERSEDED.includes(child.localName),
  );
  return { ...root, children: root.children.toSpliced(before + 1, 0, sdp(root, 'SupersededPackages', more)) };
}

/** With the prefix that the document has for the namespace. */
function sdp(root: XmlElement, localName: string, children: readonly XmlNode[]): XmlElement {
  const prefix =
    childElements(root).find(({ namespace }) => namespace === SDP.namespace)?.prefix ?? SDP.prefix;
  return element({ namespace: SDP.namespace, prefix }, localName, {}, children);
}

function withChild(
  from: XmlElement,
  localName: string,
  change: (child: XmlElement) => XmlElement,
): XmlElement {
  const child = childOf(from, localName);
  if (child === null) throw noPlace(localName);
  return { ...from, children: from.children.map((one) => (one === child ? change(child) : one)) };
}

function withAttribute(from: XmlElement, localName: string, value: string | null): XmlElement {
  const others = from.attributes.filter(
    (attribute) => attribute.localName !== localName || attribute.namespace !== '',
  );
  const at = from.attributes.findIndex(
    (attribute) => attribute.localName === localName && attribute.namespace === '',
  );
  if (value === null) return { ...from, attributes: others };
  const attribute = { namespace: '', prefix: '', localName, value };
  return { ...from, attributes: others.toSpliced(at < 0 ? others.length : at, 0, attribute) };
}

function noPlace(name: string): PermanentError {
  return new PermanentError('package.invalid', "the vendor's document has no place for this edit", {
    expected: `the element ${name}`,
    found: 'none',
    nextStep: 'clear the edit; patchpress catalog edit <id> --clear <name>',
  });
}
