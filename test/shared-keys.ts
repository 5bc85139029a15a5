import crypto, { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';

/**
 * `scripts/test.mjs` loads this into every process of the tests. The RSA keys of one lab take three seconds of processor time
 * and are not what is tested: here they are made once per run of the tests, in the folder that PATCHPRESS_TEST_KEYS names.
 * The n-th key of a program is that of its every process: none gets a key twice, and lab, signer and test files share none.
 */
const folder = process.env.PATCHPRESS_TEST_KEYS;
if (folder !== undefined) {
  share(folder);
  syncBuiltinESMExports();
}

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function share(folder: string): void {
  const program = basename(process.argv[1] ?? '');
  const owner = program.endsWith('.test.js') ? 'test' : program;
  const generate = crypto.generateKeyPairSync as (type: string, options: { modulusLength: number }) => Pair;
  let count = 0;
  const take: typeof generate = (type, options) => {
    if (type !== 'rsa' || Object.keys(options).join() !== 'modulusLength') return generate(type, options);
    count += 1;
    const file = join(folder, `${owner}-${count}-${options.modulusLength}.pem`);
    if (!existsSync(file)) writeWhole(file, String(generate(type, options).privateKey.export(PEM)));
    const privateKey = createPrivateKey(readFileSync(file));
    return { privateKey, publicKey: createPublicKey(privateKey) };
  };
  Object.assign(crypto, { generateKeyPairSync: take });
}

const PEM = { type: 'pkcs8', format: 'pem' } as const;

/** Other processes look for it meanwhile. */
function writeWhole(file: string, text: string): void {
  const fresh = `${file}-${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}
