import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApplicabilityRules, Rule } from '../../../src/core/applicability.js';
import { PermanentError } from '../../../src/core/errors.js';
import { mergeRules } from '../../../src/core/evaluate.js';
import type { ArpEvidence } from '../../../src/core/installer.js';
import type { Architecture, ArpDetection } from '../../../src/core/product.js';
import { type ProofSubject, proveRules, writeProof } from '../../../src/packages/proof/index.js';
import { itemRules, packageRule } from '../../../src/packages/rules.js';
import {
  installerRecordOf,
  notepad64,
  PRODUCT_CODE,
  putty32,
  putty64,
  resolved,
  rowOf,
} from '../products.js';

function subjectOf(
  detection: ArpDetection,
  evidence: readonly ArpEvidence[],
  changes: {
    readonly version?: string;
    readonly data?: string;
    readonly architecture?: Architecture;
    readonly kind?: ProofSubject['kind'];
  } = {},
): ProofSubject {
  const { version = '0.85', data = '0.85.0.0', architecture = 'x64', kind = 'update' } = changes;
  const [row = rowOf()] = evidence;
  const msi = row.windowsInstaller ? { productCode: PRODUCT_CODE, version: row.displayVersion } : null;
  return {
    productId: 'PuTTY.PuTTY',
    variant: 'x64/msi/any/machine',
    architecture,
    kind,
    releaseVersion: version,
    evidence,
    rules: mergeRules(
      { isInstalled: null, isInstallable: packageRule(architecture) },
      { ...itemRules(resolved(detection, row), data, msi, kind), isSuperseded: null },
    ),
  };
}

const right = subjectOf(putty64.detection, [rowOf()]);
const row32 = rowOf({ view: '32', displayName: 'PuTTY release 0.85' });
const right32 = subjectOf(putty32.detection, [row32], { architecture: 'x86' });
const notepadRow = rowOf({
  key: 'Notepad++',
  displayName: 'Notepad++ (64-bit x64)',
  displayVersion: '8.9.7',
  publisher: 'Notepad++ Team',
  windowsInstaller: false,
  source: 'stated by the definition',
});
const rightNsis = subjectOf(notepad64.detection, [notepadRow], { version: '8.9.7', data: '8.9.7.0' });

const table = (subject: ProofSubject) =>
  Object.fromEntries(proveRules(subject).map((row) => [row.name, row.found]));

describe('right rules', () => {
  test('give the right answer on every machine', () => {
    assert.deepEqual(table(right), {
      missing: 'notApplicable',
      older: 'required',
      'just older': 'required',
      'older, under the keys of this version': 'required',
      same: 'installed',
      'same, under other keys': 'installed',
      'just newer': 'installed',
      newer: 'installed',
      'a generation newer': 'installed',
      'same, under another name': 'installed',
      'stale older entry beside the same': 'installed',
      'older, other edition (MSI or EXE)': 'notApplicable',
      'same, other edition (MSI or EXE)': 'notApplicable',
      'older beside the other edition at the same': 'required',
      'older, other registry view': 'notApplicable',
      'same, other registry view': 'notApplicable',
      'older beside the same in the other registry view': 'required',
      'older without a version': 'notApplicable',
      'older with a version that is no number': 'notApplicable',
      'older namesake': 'notApplicable',
      'older, for one user only': 'notApplicable',
      'older, on Windows for x86': 'notApplicable',
      'older, on Windows for ARM64': 'notApplicable',
      'older, on Windows for x64': 'required',
      'older, on Windows Server 2016': 'required',
      'older, on Windows 8.1': 'notApplicable',
    });
  });

  test('of a program for x86: it is offered wherever it runs', () => {
    const answers = table(right32);
    assert.equal(answers['older, on Windows for x86'], 'required');
    assert.equal(answers['older, on Windows for ARM64'], 'required');
    assert.equal(answers['older, other registry view'], 'notApplicable');
  });

  test('of a program for ARM64: it is offered there only', () => {
    const answers = table(subjectOf(putty64.detection, [rowOf()], { architecture: 'arm64' }));
    assert.equal(answers.older, 'required');
    assert.equal(answers['older, on Windows for x64'], 'notApplicable');
    assert.equal(answers['older, on Windows Server 2016'], undefined);
  });

  test('of an EXE edition: a generation older is another machine', () => {
    assert.equal(table(rightNsis)['a generation older'], 'required');
  });

  test('an installer that writes two entries, one of them hidden from Windows Installer', () => {
    const custom = rowOf({ key: 'PuTTY', displayVersion: '0.85', windowsInstaller: false });
    assert.equal(table({ ...right, evidence: [rowOf(), custom] }).same, 'installed');
  });

  test('only the careful answer that no public page tells is marked', () => {
    assert.deepEqual(
      proveRules(right)
        .filter((row) => row.unknown)
        .map((row) => row.name),
      ['older with a version that is no number'],
    );
  });
});

/** Every rule of the tree, inner ones first, as `change` makes it; null drops it from its And. */
function changed(rule: Rule, change: (rule: Rule) => Rule | null): Rule | null {
  switch (rule.kind) {
    case 'And':
    case 'Or':
      return change({
        ...rule,
        rules: rule.rules.map((inner) => changed(inner, change)).filter((inner) => inner !== null),
      });
    case 'Not': {
      const inner = changed(rule.rule, change);
      return inner === null ? null : change({ ...rule, rule: inner });
    }
    case 'RegKeyLoop': {
      const inner = changed(rule.rule, change);
      return inner === null ? null : change({ ...rule, rule: inner });
    }
    default:
      return change(rule);
  }
}

function withRules(subject: ProofSubject, change: (rule: Rule) => Rule | null): ProofSubject {
  const { isInstalled, isInstallable } = subject.rules;
  const of = (rule: Rule | null) => (rule === null ? null : changed(rule, change));
  return {
    ...subject,
    rules: { ...subject.rules, isInstalled: of(isInstalled), isInstallable: of(isInstallable) },
  };
}

const without = (kind: Rule['kind'], value?: string) => (rule: Rule) =>
  rule.kind === kind && (value === undefined || ('value' in rule && rule.value === value)) ? null : rule;

const onVersion =
  (change: (rule: Extract<Rule, { kind: 'RegSzToVersion' }>) => Rule) =>
  (rule: Rule): Rule =>
    rule.kind === 'RegSzToVersion' ? change(rule) : rule;

const onName =
  (change: (rule: Extract<Rule, { kind: 'RegSz' | 'RegExpandSz' }>) => Rule) =>
  (rule: Rule): Rule =>
    rule.kind === 'RegSz' && rule.value === 'DisplayName' ? change(rule) : rule;

const inView =
  (regType32: boolean, only?: Rule['kind']) =>
  (rule: Rule): Rule =>
    'regType32' in rule && (only === undefined || rule.kind === only) ? { ...rule, regType32 } : rule;

const dropRule = (member: 'isInstalled' | 'isInstallable') => (subject: ProofSubject) => ({
  ...subject,
  rules: { ...subject.rules, [member]: null } satisfies ApplicabilityRules,
});

const wrongRules: readonly [name: string, machine: string, subject: ProofSubject][] = [
  [
    'no guard against a missing version',
    'older without a version',
    withRules(right, without('RegValueExists')),
  ],
  ['the wrong view', 'older', withRules(right, inView(true))],
  ['the wrong view, of a program for x86', 'older', withRules(right32, inView(false))],
  [
    'the view not said on the children',
    'older',
    withRules(right32, (rule) => inView(rule.kind === 'RegKeyLoop')(rule)),
  ],
  [
    'the wrong name',
    'older',
    withRules(
      right,
      onName((rule) => ({ ...rule, data: 'PuTTY release 0.8' })),
    ),
  ],
  [
    'the name of this version only',
    'older',
    subjectOf({ ...putty64.detection, displayName: { equalTo: rowOf().displayName } }, [rowOf()]),
  ],
  [
    'no name',
    'missing',
    withRules(
      subjectOf({ ...notepad64.detection, displayName: {} }, [notepadRow], {
        version: '8.9.7',
        data: '8.9.7.0',
      }),
      without('RegSz'),
    ),
  ],
  [
    'a part of the name only',
    'older namesake',
    withRules(
      right,
      onName((rule) => ({ ...rule, comparison: 'Contains', data: 'PuTTY' })),
    ),
  ],
  ['the wrong publisher', 'older', subjectOf({ ...putty64.detection, publisher: 'PuTTY Team' }, [rowOf()])],
  [
    'above instead of at least',
    'same, under other keys',
    withRules(
      right,
      onVersion((rule) =>
        rule.comparison === 'GreaterThanOrEqualTo' ? { ...rule, comparison: 'GreaterThan' } : rule,
      ),
    ),
  ],
  [
    'equal instead of at least',
    'just newer',
    withRules(
      right,
      onVersion((rule) =>
        rule.comparison === 'GreaterThanOrEqualTo' ? { ...rule, comparison: 'EqualTo' } : rule,
      ),
    ),
  ],
  [
    'another version',
    'same, under other keys',
    withRules(
      right,
      onVersion((rule) => ({ ...rule, data: '0.85.0.1' })),
    ),
  ],
  [
    'a version that is too low',
    'just older',
    withRules(
      right,
      onVersion((rule) => ({ ...rule, data: '0.84.0.1' })),
    ),
  ],
  [
    'the wrong processor',
    'older',
    withRules(right, (rule) => (rule.kind === 'Processor' ? { ...rule, architecture: 12 } : rule)),
  ],
  ['no processor', 'older, on Windows for x86', withRules(right, without('Processor'))],
  ['no Windows version', 'older, on Windows 8.1', withRules(right, without('WindowsVersion'))],
  [
    'MSI and EXE taken for the same',
    'older, other edition (MSI or EXE)',
    withRules(right, without('RegDword')),
  ],
  [
    'MSI and EXE taken for the same, of the EXE',
    'older, other edition (MSI or EXE)',
    withRules(rightNsis, without('RegDword')),
  ],
  [
    'MSI instead of EXE',
    'older',
    subjectOf({ ...notepad64.detection, windowsInstaller: true }, [notepadRow], {
      version: '8.9.7',
      data: '8.9.7.0',
    }),
  ],
  [
    'every entry must be it',
    'older',
    withRules(right, (rule) => (rule.kind === 'RegKeyLoop' ? { ...rule, trueIf: 'All' } : rule)),
  ],
  [
    'the ProductCode at any version',
    'older, under the keys of this version',
    withRules(right, (rule) =>
      rule.kind === 'MsiProductInstalled' ? { kind: rule.kind, productCode: rule.productCode } : rule,
    ),
  ],
  ['no ProductCode', 'same, under another name', withRules(right, without('MsiProductInstalled'))],
  ['no rule for installed', 'same', dropRule('isInstalled')(right)],
  ['no rule for installable', 'older', dropRule('isInstallable')(right)],
  [
    'an offer where it is missing',
    'missing',
    { ...right, rules: { ...right.rules, isInstallable: { kind: 'True' } } },
  ],
];

describe('the rules of a new installation', () => {
  const install = subjectOf(putty64.detection, [rowOf()], { kind: 'install' });
  const withPresence = (subject: ProofSubject, change: (rule: Rule) => Rule | null) => ({
    ...subject,
    rules: { ...subject.rules, isInstallable: withRules(subject, change).rules.isInstallable },
  });
  const installNsis = subjectOf(notepad64.detection, [notepadRow], {
    version: '8.9.7',
    data: '8.9.7.0',
    kind: 'install',
  });

  test('offer it where nothing of it is, and nowhere else', () => {
    const answers = table(install);
    const where = (wanted: string) => Object.keys(answers).filter((name) => answers[name] === wanted);
    assert.deepEqual(where('required'), [
      'missing',
      'older namesake',
      'older, for one user only',
      'missing, on Windows for x64',
      'missing, on Windows Server 2016',
    ]);
    assert.deepEqual(where('installed'), [
      'same',
      'same, under other keys',
      'just newer',
      'newer',
      'a generation newer',
      'same, under another name',
      'stale older entry beside the same',
    ]);
  });

  test('see an EXE edition too', () => {
    assert.equal(table(installNsis).older, 'notApplicable');
    assert.equal(table(installNsis).missing, 'required');
  });

  const wrong: readonly [name: string, machine: string, subject: ProofSubject][] = [
    ['one view only', 'older, other registry view', withPresence(install, inView(false))],
    [
      'one edition only',
      'older, other edition (MSI or EXE)',
      withPresence(install, (rule) =>
        rule.kind === 'RegKeyLoop'
          ? {
              ...rule,
              rule: {
                kind: 'And',
                rules: [
                  rule.rule,
                  {
                    kind: 'RegDword',
                    key: 'HKEY_LOOP_TARGET',
                    subkey: '\\',
                    regType32: rule.regType32,
                    value: 'WindowsInstaller',
                    comparison: 'EqualTo',
                    data: 1,
                  },
                ],
              },
            }
          : rule,
      ),
    ],
    ['those of an update', 'missing', { ...right, kind: 'install' }],
    ['those of a new installation', 'missing', { ...install, kind: 'update' }],
  ];
  for (const [name, machine, subject] of wrong) {
    test(`wrong: ${name}`, () => {
      assert.throws(() => proveRules(subject), {
        code: 'proof.failed',
        message: `the rules are wrong on the machine "${machine}"`,
      });
    });
  }
});

describe('wrong rules are caught', () => {
  for (const [name, machine, subject] of wrongRules) {
    test(name, () => {
      assert.throws(
        () => proveRules(subject),
        (error: unknown) => {
          assert.ok(error instanceof PermanentError);
          assert.equal(error.code, 'proof.failed');
          assert.equal(error.message, `the rules are wrong on the machine "${machine}"`);
          assert.match(
            error.nextStep ?? '',
            /compare the detection with what the installer writes: "(PuTTY|Notepad)/,
          );
          return true;
        },
      );
    });
  }

  test('the fault says what was expected and found, the rule in plain sentences, and where else it is wrong', () => {
    const wrong = withRules(
      right,
      onName((rule) => ({ ...rule, data: 'Putty' })),
    );
    assert.throws(() => proveRules(wrong), {
      where: 'PuTTY.PuTTY 0.85 x64/msi/any/machine',
      expected:
        'required, on Windows 10.0.22631.0 for x64 with "PuTTY release 0.84 (64-bit)" 0.84.0.0 in the 64-bit view',
      found:
        /^notApplicable \(by the rule: installable where .*"DisplayName" of the key begins with "Putty".*version "DisplayVersion" of the key is below 0\.85\.0\.0\)*; wrong too on "just older", .*"same, under other keys"/,
      nextStep:
        /"PuTTY release 0\.85 \(64-bit\)" 0\.85\.0\.0 by "Simon Tatham", 64-bit view, Windows Installer \(msi-tables\)$/,
    });
  });

  test('evidence without a version that has an older one proves nothing', () => {
    for (const evidence of [[], [rowOf({ displayVersion: '0.0' })], [rowOf({ displayVersion: 'latest' })]]) {
      assert.throws(() => proveRules({ ...right, evidence }), {
        code: 'proof.failed',
        found: /^(no evidence|0\.0|latest)$/,
      });
    }
  });

  test('control characters of a hostile installer do not reach the message', () => {
    const hostile = rowOf({ displayName: 'PuTTY\u001b[2J release 0.85' });
    assert.throws(() => proveRules({ ...right, evidence: [hostile] }), { nextStep: /PuTTY\\u\{1b\}\[2J/ });
  });
});

describe('the document', () => {
  const facts = (subject: ProofSubject) => ({
    packageId: '11111111-2222-5333-8444-555555555555',
    installer: installerRecordOf(putty64, '0.85'),
    evidence: subject.evidence,
    rules: subject.rules,
    rows: proveRules(subject),
  });

  test('is the same bytes for the same findings', () => {
    assert.deepEqual(writeProof(facts(right)), writeProof(facts(subjectOf(putty64.detection, [rowOf()]))));
  });

  test('holds evidence, rules, table and machines', () => {
    const document = JSON.parse(writeProof(facts(right)).toString('utf8'));
    assert.deepEqual(document.evidence, [rowOf()]);
    assert.equal(document.fileSays.productCode, PRODUCT_CODE);
    assert.match(document.rules.isInstalled, /^for any key under HKLM\\SOFTWARE\\Microsoft\\Windows/);
    assert.deepEqual(document.table[1], {
      machine: 'older',
      expected: 'required',
      found: 'required',
      unknown: false,
    });
    assert.equal(document.table.length, 26);
    assert.deepEqual(
      Object.keys(document.machines),
      document.table.map((row: { machine: string }) => row.machine),
    );
    const older = Object.entries<Record<string, { value: unknown }>>(document.machines.older.registry['64']);
    assert.deepEqual(
      older.map(([, values]) => values.DisplayName?.value),
      ['Other Program', 'Other Product', 'PuTTY release 0.84 (64-bit)'],
    );
  });
});
