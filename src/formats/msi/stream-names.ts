const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._';
const TABLE_PREFIX = 0x4840;
const PAIR_START = 0x3800;
const SINGLE_START = 0x4800;

/**
 * The name of a stream of an MSI database. Windows Installer packs two characters of its alphabet into one UTF-16 unit
 * (U+3800 to U+47FF, the first in the low six bits), or one into U+4800 to U+483F; U+4840 in front marks a table.
 */
export function decodeStreamName(encoded: string): { readonly name: string; readonly isTable: boolean } {
  const isTable = encoded.charCodeAt(0) === TABLE_PREFIX;
  let name = '';
  for (const character of isTable ? encoded.slice(1) : encoded) {
    const unit = character.charCodeAt(0);
    if (unit >= PAIR_START && unit < SINGLE_START) {
      const packed = unit - PAIR_START;
      name += ALPHABET.charAt(packed & 63) + ALPHABET.charAt(packed >>> 6);
    } else if (unit >= SINGLE_START && unit < TABLE_PREFIX) {
      name += ALPHABET.charAt(unit - SINGLE_START);
    } else {
      name += character;
    }
  }
  return { name, isTable };
}
