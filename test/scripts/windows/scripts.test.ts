import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { all, commandsOf, functionsOf, openPowerShell, type Tree } from './powershell.js';

const FOLDER = 'scripts/windows';
const parse = await openPowerShell();
const SCRIPTS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.ps1'))
  .map((name) => {
    const source = readFileSync(`${FOLDER}/${name}`, 'utf8');
    return { name, source, tree: parse(source) };
  });

/**
 * What the scripts may call: cmdlets and parameters of Windows PowerShell 5.1 as Microsoft's pages of that version give
 * them. What is not here is either newer, or was not thought about yet.
 */
const CMDLETS: Readonly<Record<string, readonly string[]>> = {
  'ConvertFrom-Json': [],
  'ConvertTo-Json': ['-InputObject', '-Depth', '-Compress'],
  'ForEach-Object': [],
  'Get-CimInstance': ['-Namespace', '-ClassName', '-Filter', '-ComputerName'],
  'Get-ChildItem': ['-LiteralPath', '-Recurse', '-File', '-ErrorAction'],
  'Get-Date': [],
  'Get-FileHash': ['-LiteralPath', '-Algorithm'],
  'Get-Item': ['-LiteralPath'],
  'Get-ItemProperty': ['-LiteralPath'],
  'Get-Member': ['-InputObject', '-Name', '-MemberType'],
  'Get-PSDrive': ['-Name', '-PSProvider', '-ErrorAction'],
  'Import-Module': ['-Name'],
  'Invoke-CimMethod': ['-Namespace', '-ClassName', '-MethodName', '-Arguments'],
  'Join-Path': [],
  'Measure-Object': ['-Property', '-Sum'],
  'New-Item': ['-ItemType', '-Path', '-Force'],
  'New-Object': ['-ArgumentList', '-ComObject'],
  'New-PSDrive': ['-Name', '-PSProvider', '-Root'],
  'Remove-Item': ['-LiteralPath', '-Recurse', '-Force', '-ErrorAction'],
  'Select-Object': ['-First', '-ExpandProperty', '-Property'],
  'Set-Location': ['-LiteralPath'],
  'Set-StrictMode': ['-Version'],
  'Sort-Object': ['-Property', '-Descending'],
  'Split-Path': ['-Path', '-Parent'],
  'Test-Path': ['-LiteralPath'],
  'Where-Object': [],
  'Write-Error': ['-Message'],
  // Of the ConfigurationManager module, as its reference gives them (sccm-ps).
  'Add-CMSoftwareUpdateToGroup': [
    '-SoftwareUpdateGroupName',
    '-SoftwareUpdateId',
    '-DisableWildcardHandling',
  ],
  'Get-CMSoftwareUpdateDeploymentPackage': ['-Name', '-DisableWildcardHandling'],
  'Get-CMSoftwareUpdateGroup': ['-Name', '-DisableWildcardHandling'],
  'Get-CMUpdateGroupDeployment': ['-Name', '-CollectionId', '-DisableWildcardHandling'],
  'New-CMSoftwareUpdateDeployment': [
    '-SoftwareUpdateGroupName',
    '-DeploymentName',
    '-CollectionId',
    '-DeploymentType',
    '-TimeBasedOn',
    '-DeadlineDateTime',
    '-ProtectedType',
    '-UnprotectedType',
    '-DownloadFromMicrosoftUpdate',
    '-DisableWildcardHandling',
  ],
  'New-CMSoftwareUpdateDeploymentPackage': ['-Name', '-Path', '-DisableWildcardHandling'],
  'New-CMSoftwareUpdateGroup': ['-Name', '-UpdateId', '-DisableWildcardHandling'],
  'Publish-CMThirdPartySoftwareUpdateContent': ['-CIId'],
  'Remove-CMSoftwareUpdateFromGroup': [
    '-SoftwareUpdateGroupName',
    '-SoftwareUpdateId',
    '-DisableWildcardHandling',
    '-Force',
  ],
  'Save-CMSoftwareUpdate': ['-SoftwareUpdateId', '-DeploymentPackageName', '-DisableWildcardHandling'],
  'Set-CMSoftwareUpdatePointComponent': [
    '-SiteCode',
    '-AddProduct',
    '-AddUpdateClassification',
    '-DisableWildcardHandling',
  ],
  'Start-CMContentDistribution': [
    '-DeploymentPackageName',
    '-DistributionPointGroupName',
    '-DisableWildcardHandling',
  ],
};

/** What the language gives by itself (about_Automatic_Variables), and preferences that the scripts set. */
const GIVEN = /^\$(_|true|false|null|args|input|env:\w+|psscriptroot|psversiontable|\w+preference)$/;

describe('a script for Windows', () => {
  test('there are scripts', () => {
    assert.ok(SCRIPTS.some(({ name }) => name === 'patchpress-bridge.ps1'));
  });

  for (const { name, source, tree } of SCRIPTS) {
    test(`${name} is Windows PowerShell`, () => {
      assert.deepEqual(faultsOf(tree), []);
      // Pipeline chains (&&, ||) came with version 7.
      assert.deepEqual(textsOf(tree, 'pipeline_chain_tail'), []);
      assert.match(source, /^#Requires -Version 5\.1\r?\n/);
    });

    test(`${name} is ASCII, which is read alike in every code page`, () => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters of ASCII are meant.
      assert.equal(/[^\x00-\x7f]/.exec(source)?.[0], undefined);
    });

    test(`${name} calls what version 5.1 has, and what it defines itself`, () => {
      const own = new Set(functionsOf(tree).map((one) => one.name));
      const unknown = commandsOf(tree).flatMap(({ name: called, parameters, line }) => {
        if (called === null || own.has(called)) return [];
        const known = CMDLETS[called];
        if (known === undefined) return [`line ${line}: ${called}`];
        return parameters
          .filter((parameter) => !known.includes(parameter))
          .map((parameter) => `line ${line}: ${called} ${parameter}`);
      });
      assert.deepEqual(unknown, []);
    });

    test(`${name} runs no text as code`, () => {
      // A block that stands in the script may be called by a variable; a text that came in may not.
      const called = textsOf(tree, 'path_command_name', 'command_name_expr').filter(
        (text) => text !== '$Body',
      );
      assert.deepEqual(called, []);
      assert.doesNotMatch(source, /\[scriptblock\]::|ExecutionContext|InvokeScript|EncodedCommand/i);
    });

    test(`${name} reads no variable that nothing sets, and defines nothing that nobody calls`, () => {
      const set = new Set(assignedIn(tree));
      const unset = textsOf(tree, 'variable')
        .map(plainName)
        .filter((variable) => !GIVEN.test(variable) && !set.has(variable));
      assert.deepEqual([...new Set(unset)], []);
      const called = new Set(commandsOf(tree).map((command) => command.name));
      assert.deepEqual(
        functionsOf(tree)
          .filter((one) => !called.has(one.name))
          .map((one) => one.name),
        [],
      );
    });
  }
});

describe('the grammar', () => {
  for (const newer of ['$a ?? 1', '$a ??= 1', '$a?.b', '$x = $true ? 1 : 2']) {
    test(`refuses what is newer than 5.1: ${newer}`, () => {
      assert.notDeepEqual(faultsOf(parse(`${newer}\n`)), []);
    });
  }

  test('tells a chain of pipelines', () => {
    assert.equal(textsOf(parse('Get-Item a && Get-Item b\n'), 'pipeline_chain_tail').length, 1);
  });
});

function faultsOf(tree: Tree): readonly string[] {
  if (!tree.hasError) return [];
  const found: string[] = [];
  const look = (node: Tree): void => {
    if (node.isError || node.isMissing) found.push(`line ${node.startPosition.row + 1}: ${node.text}`);
    for (const child of node.children) look(child);
  };
  look(tree);
  return found;
}

function textsOf(tree: Tree, ...types: readonly string[]): readonly string[] {
  return all(tree, ...types).map(({ text }) => text);
}

function assignedIn(tree: Tree): readonly string[] {
  const targets = all(tree, 'assignment_expression').flatMap((one) => one.firstNamedChild ?? []);
  const loops = all(tree, 'foreach_statement').flatMap((one) => all(one, 'variable')[0] ?? []);
  const parameters = all(tree, 'script_parameter').flatMap(
    (one) => one.namedChildren.find((child) => child.type === 'variable') ?? [],
  );
  return [...targets.flatMap((one) => all(one, 'variable')[0] ?? []), ...loops, ...parameters].map(
    ({ text }) => plainName(text),
  );
}

function plainName(variable: string): string {
  return variable
    .toLowerCase()
    .replace(/^\$(script|global|local):/, '$')
    .replace(/^\$\{(.*)\}$/, '$$$1');
}
