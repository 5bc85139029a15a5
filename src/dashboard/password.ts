import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** RFC 7914; 32 MiB and some tens of milliseconds for each try. */
const COST = { N: 2 ** 15, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** A stored text may not ask for more than this. */
const HIGHEST_COST = 2 ** 20;
const LONGEST_PASSWORD = 1024;

/** `scrypt$<N>$<r>$<p>$<salt>$<key>`, both base64: it says itself how it was made. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, KEY_BYTES, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** False also for a hash that is not of our form. Takes as long for a wrong password as for the right one. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parts = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(hash);
  if (parts === null || password.length > LONGEST_PASSWORD) return false;
  const cost = { N: Number(parts[1]), r: Number(parts[2]), p: Number(parts[3]) };
  const expected = Buffer.from(parts[5] ?? '', 'base64');
  if (!isCost(cost) || expected.length !== KEY_BYTES) return false;
  const key = await derive(password, Buffer.from(parts[4] ?? '', 'base64'), expected.length, cost);
  return timingSafeEqual(key, expected);
}

function isCost({ N, r, p }: { N: number; r: number; p: number }): boolean {
  return N >= 2 && N <= HIGHEST_COST && (N & (N - 1)) === 0 && r >= 1 && r <= 32 && p >= 1 && p <= 16;
}

function derive(
  password: string,
  salt: Buffer,
  sizeBytes: number,
  { N, r, p }: { N: number; r: number; p: number },
): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, sizeBytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
