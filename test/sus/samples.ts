import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  childElements,
  parseXml,
  type XmlElement,
  type XmlNode,
  withoutLayout,
} from '../../src/text/xml/index.js';

export const SAMPLES = '../shared/samples';
export const SCHEMA = '../shared/schemas/microsoft/strict/SoftwareDistributionPackage.xsd';

/** Why tests on recorded data do not run here, or false. */
export const absent: string | false = existsSync(SAMPLES) ? false : 'the samples in ../shared are absent';

export interface Sample {
  /** `hp-2019/0000...`. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** Update documents of vendors, and those written for the schema. */
export function sdpSamples(): readonly Sample[] {
  if (absent !== false) return [];
  return ['dell-2019', 'hp-2019', 'lenovo-2020', 'synthetic'].flatMap((vendor) =>
    readdirSync(`${SAMPLES}/sdp/${vendor}`)
      .filter((file) => file.endsWith('.sdp'))
      .map((file) => ({
        name: `${vendor}/${file.slice(0, -4)}`,
        bytes: readFileSync(`${SAMPLES}/sdp/${vendor}/${file}`),
      })),
  );
}

/** Names, attributes in order, children: what has to be equal whatever prefixes and layout. */
export function ordered(from: XmlNode): unknown {
  if (typeof from === 'string') return from;
  const attributes = from.attributes.map(({ namespace, localName, value }) => [namespace, localName, value]);
  return [from.namespace, from.localName, attributes, from.children.map(ordered)];
}

const BEHAVIOR = {
  CanRequestUserInput: 'false',
  RequiresNetworkConnectivity: 'false',
  Impact: 'Normal',
  RebootBehavior: 'CanRequestReboot',
};

/** Attributes that mean the same when they are not there (the schemas' defaults). */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Properties: { PublicationState: 'Published', UpdateType: 'Software' },
  InstallProperties: BEHAVIOR,
  UninstallProperties: BEHAVIOR,
  CommandLineInstallerData: { DefaultResult: 'Failed', RebootByDefault: 'false', Arguments: '' },
  ReturnCode: { Reboot: 'false' },
};
const RULE_DEFAULTS = ['RegType32', 'AllFeaturesRequired', 'AllProductsRequired', 'AllComponentsRequired'];

/** What an update document says: defaults filled in, attributes sorted, GUIDs and numbers in one spelling. */
export function meaning(source: XmlElement | string | Uint8Array): unknown {
  const isText = typeof source === 'string' || source instanceof Uint8Array;
  return meaningOf(withoutLayout(isText ? parseXml(source) : source));
}

function meaningOf(from: XmlElement): unknown {
  const defaults = DEFAULTS[from.localName] ?? {};
  const attributes = new Map(Object.entries(defaults));
  for (const { localName, value } of from.attributes) {
    if (value === 'false' && RULE_DEFAULTS.includes(localName)) continue;
    attributes.set(localName, /ID$|^Code$/.test(localName) ? value.trim().toLowerCase() : value);
  }
  const inner = childElements(from).filter(
    ({ localName, children }) => localName !== 'SupersededPackages' || children.length > 0,
  );
  const text = from.children.filter((child) => typeof child === 'string').join('');
  return {
    name: from.localName,
    namespace: from.localName === 'SoftwareDistributionPackage' ? '' : from.namespace,
    attributes: [...attributes].sort(([a], [b]) => (a < b ? -1 : 1)),
    content:
      inner.length > 0 ? inner.map(meaningOf) : from.localName === 'PackageID' ? text.toLowerCase() : text,
  };
}
