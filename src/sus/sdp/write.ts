import { PermanentError } from '../../core/errors.js';
import type { SoftwareDistributionPackage } from '../../core/update.js';
import { writeXml, type XmlElement } from '../../text/xml/index.js';
import { renderPackage } from './render.js';
import { type SdpOptions, validateSdp } from './validate.js';

/**
 * The SDP document, deterministic: equal packages give equal text (UTF-8 without a byte-order mark, no declaration, as
 * vendors' V2 files have it). Throws PermanentError `package.invalid` for what `validateSdp` finds.
 */
export function writeSdp(pkg: SoftwareDistributionPackage, options: SdpOptions = {}): string {
  return writeXml(packageElement(pkg, 'sdp', options), { indent: 2 });
}

/** The same as a tree: `sdp` for a document of its own, `smc` for a catalog's root XML. Throws as `writeSdp`. */
export function packageElement(
  pkg: SoftwareDistributionPackage,
  root: 'sdp' | 'smc',
  options: SdpOptions = {},
): XmlElement {
  const findings = validateSdp(pkg, options);
  const [first] = findings;
  if (first === undefined) return renderPackage(pkg, root);
  const others = findings.length === 1 ? '' : ` (and ${findings.length - 1} more)`;
  throw new PermanentError('package.invalid', `the update document breaks the rule ${first.rule}`, {
    where: `${pkg.properties.packageId}, ${first.path}`,
    expected: first.expected,
    found: `${first.found}${others}`,
    nextStep: "correct the product's definition or the texts that it gives",
  });
}
