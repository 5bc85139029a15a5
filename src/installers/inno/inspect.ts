import type { ArpEvidence, InstallerInspection } from '../../core/installer.js';
import type { Architecture } from '../../core/product.js';
import type { InnoSetup, InnoTexts } from '../../formats/inno/index.js';
import type { PeFile } from '../../formats/pe/index.js';
import { executableFacts } from '../executable.js';
import { innoArchitecture } from './architecture.js';
import { expandConstants } from './constants.js';

/** Inno Setup shortens a longer id by a checksum of its own. */
const MAX_ID_LENGTH = 57;

/** An installer of Inno Setup by its header; the loader's version resource where the header is silent. */
export function inspectInno(pe: PeFile, setup: InnoSetup): InstallerInspection {
  const facts = executableFacts(pe);
  const { texts } = setup;
  const architecture = innoArchitecture(setup);
  return {
    ...facts,
    technology: 'inno',
    // The loader itself is x86, whatever it installs.
    architecture,
    scope: scopeOf(setup),
    productName: (texts && expandConstants(texts.appName)) || facts.productName,
    publisher: (texts && expandConstants(texts.appPublisher)) || facts.publisher,
    version: (texts && expandConstants(texts.appVersion)) || facts.version,
    arp: texts === null || architecture === null ? [] : uninstallRow(texts, architecture),
  };
}

function scopeOf({ numbers }: InnoSetup): InstallerInspection['scope'] {
  if (numbers?.privilegesRequired === 'admin' || numbers?.privilegesRequired === 'power-user')
    return 'machine';
  return numbers?.privilegesRequired === 'lowest' ? 'user' : 'unknown';
}

/**
 * What Setup writes to `...\Uninstall\<AppId>_is1` (Inno Setup, RegisterUninstallInfo), in the 64-bit view when it installs in
 * 64-bit mode. None where the script leaves it to an expression, or a text to a constant.
 */
function uninstallRow(texts: InnoTexts, architecture: Architecture): readonly ArpEvidence[] {
  const isWritten = [texts.createUninstallRegKey, texts.uninstallable].every(isYes);
  const id = expandConstants(texts.appId);
  const displayName = expandConstants(displayNameOf(texts));
  const [displayVersion, publisher] = [texts.appVersion, texts.appPublisher].map(expandConstants);
  if (!isWritten || !id || id.length > MAX_ID_LENGTH || !displayName || !displayVersion) return [];
  return [
    {
      view: architecture === 'x86' ? '32' : '64',
      key: `${id}_is1`,
      displayName,
      displayVersion,
      publisher: publisher || null,
      windowsInstaller: false,
      source: 'inno-header',
    },
  ];
}

/** Where the script names neither, Setup says it in the language of its user: in English so (Default.isl, NameAndVersion). */
function displayNameOf({ uninstallDisplayName, appVerName, appName, appVersion }: InnoTexts): string {
  return uninstallDisplayName || appVerName || `${appName} version ${appVersion}`;
}

function isYes(text: string): boolean {
  return text === '' || /^(yes|true|1)$/i.test(text);
}
