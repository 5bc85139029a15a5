import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAMESPACES =
  'xmlns:upd="http://schemas.microsoft.com/msus/2002/12/Update" xmlns:lar="http://schemas.microsoft.com/msus/2002/12/LogicalApplicabilityRules" xmlns:bar="http://schemas.microsoft.com/msus/2002/12/BaseApplicabilityRules"';
const UNINSTALL = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const PRODUCTS = 30;

const idOf = (kind: string, index: number) =>
  `${kind.repeat(8)}-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** As a site has them: a company with 30 products, a classification, and updates that look for a program in two views. */
export function writeDocuments(folder: string, count: number): void {
  const write = (id: string, type: string, prerequisites: readonly string[], rules: string) =>
    writeFileSync(join(folder, `${id}.update.xml`), documentOf(id, type, prerequisites, rules));
  const always = '<upd:IsInstalled><lar:True/></upd:IsInstalled>';
  const [company, classification] = [idOf('a', 1), idOf('c', 1)];
  write(company, 'Category', [], always);
  write(classification, 'Category', [], always);
  for (let index = 0; index < PRODUCTS; index += 1) write(idOf('b', index), 'Category', [company], always);
  for (let index = 0; index < count; index += 1) {
    write(idOf('d', index), 'Software', [idOf('b', index % PRODUCTS), classification], rulesOf(index));
  }
}

function documentOf(id: string, type: string, prerequisites: readonly string[], rules: string): string {
  const clauses = prerequisites.map(
    (one) => `<upd:AtLeastOne IsCategory="true"><upd:UpdateIdentity UpdateID="${one}"/></upd:AtLeastOne>`,
  );
  return `<upd:Update ${NAMESPACES}><upd:UpdateIdentity UpdateID="${id}" RevisionNumber="1"/>
<upd:Properties DefaultPropertiesLanguage="en" UpdateType="${type}" ExplicitlyDeployable="${type === 'Software'}"/>
<upd:LocalizedPropertiesCollection><upd:LocalizedProperties><upd:Language>en</upd:Language><upd:Title>${id}</upd:Title></upd:LocalizedProperties></upd:LocalizedPropertiesCollection>
<upd:Relationships><upd:Prerequisites>${clauses.join('')}</upd:Prerequisites></upd:Relationships>
<upd:ApplicabilityRules>${rules}</upd:ApplicabilityRules></upd:Update>`;
}

function rulesOf(index: number): string {
  const compare = (value: string, comparison: string, data: string, kind = 'RegSz') =>
    `<bar:${kind} Key="HKEY_LOOP_TARGET" Subkey="\\" Value="${value}" Comparison="${comparison}" Data="${data}"/>`;
  const loop = (comparison: string, view: string) =>
    `<bar:RegKeyLoop Key="HKEY_LOCAL_MACHINE" Subkey="${UNINSTALL}" TrueIf="Any"${view}><lar:And>` +
    compare('DisplayName', 'BeginsWith', `Contoso Product ${index} `) +
    compare('Publisher', 'EqualTo', 'Contoso Ltd') +
    compare('DisplayVersion', comparison, `4.20.0.${index}`, 'RegSzToVersion') +
    '</lar:And></bar:RegKeyLoop>';
  const both = (comparison: string) =>
    `<lar:Or>${loop(comparison, '')}${loop(comparison, ' RegType32="true"')}</lar:Or>`;
  return `<upd:IsInstalled>${both('GreaterThanOrEqualTo')}</upd:IsInstalled><upd:IsInstallable>${both('LessThan')}</upd:IsInstallable>`;
}
