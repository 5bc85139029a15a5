import type { ApplicabilityRules } from '../../core/applicability.js';
import { describeRule } from '../../core/describe-rule.js';
import type { ArpEvidence } from '../../core/installer.js';
import type { InstallerRecord } from '../../core/records.js';
import type { ProofRow } from './prove.js';

export interface ProofFindings {
  readonly packageId: string;
  readonly installer: InstallerRecord;
  readonly evidence: readonly ArpEvidence[];
  readonly rules: ApplicabilityRules;
  readonly rows: readonly ProofRow[];
}

/**
 * The truth table as it is kept: JSON in a fixed order, the same bytes for the same findings. `fileSays` stands beside
 * the evidence because a stated row proves less than one from the file's own tables: rule and machines then rest on
 * the same statement, and only a client's canary is an independent witness of the name.
 */
export function writeProof({ packageId, installer, evidence, rules, rows }: ProofFindings): Buffer {
  const { productName, publisher, version, productCode } = installer.inspection;
  const sentence = (rule: ApplicabilityRules['isInstalled']) => (rule === null ? null : describeRule(rule));
  const document = {
    packageId,
    product: installer.productId,
    version: installer.version,
    variant: installer.variant,
    payloadSha256: installer.sha256,
    evidence: evidence.map(({ source, view, key, displayName, displayVersion, ...rest }) => ({
      source,
      view,
      key,
      displayName,
      displayVersion,
      publisher: rest.publisher,
      windowsInstaller: rest.windowsInstaller,
    })),
    fileSays: { productName, publisher, version, productCode },
    rules: {
      isInstalled: sentence(rules.isInstalled),
      isSuperseded: sentence(rules.isSuperseded),
      isInstallable: sentence(rules.isInstallable),
    },
    table: rows.map(({ name, expected, found, unknown }) => ({ machine: name, expected, found, unknown })),
    machines: Object.fromEntries(rows.map(({ name, machine }) => [name, machine])),
  };
  return Buffer.from(`${JSON.stringify(document, null, 1)}\n`, 'utf8');
}
