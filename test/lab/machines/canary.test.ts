import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { loadProductCatalog } from '../../../src/config/products.js';
import { PROJECT_ROOT } from '../../../src/config/project-root.js';
import { bufferSource } from '../../../src/core/bytes.js';
import { evaluateUpdate, mergeRules } from '../../../src/core/evaluate.js';
import type { Machine } from '../../../src/core/machine.js';
import { variantOf } from '../../../src/core/product.js';
import { EXPECTED_CANARY } from '../../../src/core/publication.js';
import type { InstallHandler } from '../../../src/core/update.js';
import { versionSchemes } from '../../../src/core/versions/index.js';
import { feedTypes } from '../../../src/feeds/index.js';
import { writeCabinet } from '../../../src/formats/cab/index.js';
import { inspectInstaller, installerTechnologies } from '../../../src/installers/index.js';
import { createCanaryMachines } from '../../../src/lab/machines/index.js';
import { type Fixture, newestOf } from '../../../src/lab/vendor-site/fixtures.js';
import { resolveDetection } from '../../../src/packages/detection.js';
import { detectedVersion, itemRules, packageRule } from '../../../src/packages/rules.js';
import { planCommand } from '../../../src/verification/command.js';
import { temporaryFolder } from '../../formats/programs.js';
import { fixtures } from '../fixtures.js';

const machines = createCanaryMachines(fixtures);
const products = loadProductCatalog([join(PROJECT_ROOT, 'catalogs/products')], {
  feedTypes,
  versionSchemes: [...versionSchemes.keys()],
});
const served = [...new Set(fixtures.shipped.map(({ productId }) => productId))];

test('the rules of the shipped definitions see the machines as they are', async (t) => {
  const folder = temporaryFolder(t);
  for (const fixture of served.flatMap((productId) => newestOf(fixtures, productId))) {
    const product = products.get(fixture.productId);
    const definition = product?.installers.find((one) => variantOf(one) === fixture.variant);
    const scheme = versionSchemes.get(product?.versionScheme ?? '');
    assert.ok(definition !== undefined && scheme !== undefined, fixture.path);
    const inspection = inspectInstaller(bufferSource(fixtures.read(fixture)));
    const technology = installerTechnologies.get(definition.technology);
    const evidence = technology?.evidence(inspection, definition, fixture.version) ?? [];
    const detection = resolveDetection(definition, evidence, fixture.version);
    assert.ok(detection !== null, fixture.path);
    const data = detectedVersion(detection, fixture.version, inspection, scheme, fixture.path);
    const item = itemRules(detection, data);
    const rules = mergeRules(
      { isInstalled: null, isInstallable: packageRule(fixture.architecture) },
      { isSuperseded: null, metadata: [], ...item },
    );
    const command = commandOf(fixture, definition.arguments, folder);
    const update = { packageId: '', revision: 1, supersedes: [], ...fixture };
    for (const role of ['missing', 'older', 'current'] as const) {
      const expected = EXPECTED_CANARY[role];
      const state = (machine: Machine) => evaluateUpdate(rules, machine).state;
      const machine = await machines.machine(role, update);
      assert.equal(state(machine), expected.before, `${fixture.fileName} ${role}`);
      if (!expected.installed) continue;
      const ran = await machines.run(machine, command.file, command.commandLine);
      assert.equal(ran.exitCode, 0);
      assert.equal(state(ran.machine), expected.after, `${fixture.fileName} ${role} after`);
    }
  }
});

/** What the client of the verification stage runs: the file out of the update's cabinet and its command line. */
function commandOf(fixture: Fixture, words: string, folder: string) {
  const { fileName, installs } = fixture;
  const path = join(folder, 'content.cab');
  const content = { bytes: fixtures.read(fixture) };
  writeCabinet([{ name: fileName, modified: fixture.releasedAt, content }], path, { signatureReserve: true });
  const handler: InstallHandler =
    installs.msi === null
      ? {
          kind: 'CommandLineInstallerData',
          program: fileName,
          arguments: words,
          defaultResult: 'Failed',
          rebootByDefault: false,
          returnCodes: [],
        }
      : {
          kind: 'MsiInstallerData',
          msiFile: fileName,
          productCode: installs.msi.productCode,
          commandLine: words,
          uninstallCommandLine: null,
        };
  const { file, commandLine } = planCommand(handler, [{ name: 'update.cab', path, isCabinet: true }]);
  return { file: { name: file.name, bytes: file.read() }, commandLine };
}
