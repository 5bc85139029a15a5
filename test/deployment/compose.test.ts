import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly read_only?: boolean;
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const dockerfile = readFileSync('Dockerfile', 'utf8');
const service = (name: string): Service => {
  const found = compose.services[name];
  assert.ok(found, name);
  return found;
};

test('redis keeps its queue: append-only file and no eviction', () => {
  const words = service('redis').command?.join(' ') ?? '';
  assert.match(words, /--appendonly yes/);
  assert.match(words, /--maxmemory-policy noeviction/);
});

test('the signer alone holds the key, and neither queue nor ledger', () => {
  const holders = Object.entries(compose.services).filter(([, one]) =>
    one.volumes?.some((volume) => volume.startsWith('signer-key:')),
  );
  assert.deepEqual(
    holders.map(([name]) => name),
    ['signer'],
  );
  const { environment = {}, networks = [] } = service('signer');
  assert.deepEqual(Object.keys(environment), ['PATCHPRESS_CONFIG']);
  assert.ok(!networks.includes('inside'));
});

test('every role runs a main that is built into the image', () => {
  for (const name of ['service', 'worker', 'signer']) {
    const main = service(name).command?.at(-1) ?? '';
    assert.ok(existsSync(main.replace(/^dist\//, '').replace(/\.js$/, '.ts')), main);
    assert.equal(service(name).read_only, true);
  }
  for (const folder of ['src', 'signing', 'workers', 'catalogs', 'src/dashboard/assets']) {
    assert.ok(dockerfile.includes(`COPY ${folder} ${folder}`), folder);
  }
});

test('every named volume is declared, and its folder belongs to the user of the image', () => {
  for (const one of Object.values(compose.services)) {
    for (const volume of one.volumes ?? []) {
      const [source = '', target = ''] = volume.split(':');
      if (source.startsWith('.')) continue;
      assert.ok(source in compose.volumes, source);
      if (target.startsWith('/app/data/')) assert.ok(dockerfile.includes(target), target);
    }
  }
});
