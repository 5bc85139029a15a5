import { PermanentError } from '../../core/errors.js';

/** Why a document was refused, with the place in it. */
export function refuse(where: string, what: string, expected?: string): PermanentError {
  return new PermanentError('payload.invalid', `XML refused: ${what}`, {
    where,
    ...(expected === undefined ? {} : { expected }),
    nextStep: 'Correct the document; nothing of it was read.',
  });
}

/**
 * Bytes to text by byte-order mark: UTF-8 (the default), UTF-16LE, UTF-16BE. Ill-formed sequences are refused,
 * and so is a declared encoding that the bytes contradict. [XML 1.0] 4.3.3
 */
export function decodeXml(bytes: Uint8Array, where: string): string {
  const encoding = encodingOf(bytes);
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PermanentError('payload.invalid', 'XML refused: not well-formed text', {
      where,
      expected: encoding,
      cause,
    });
  }
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1]?.toLowerCase();
  if (declared !== undefined && !agrees(declared, encoding)) {
    throw refuse(where, `declared encoding ${declared} but the bytes are ${encoding}`, encoding);
  }
  return text;
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}

function agrees(declared: string, encoding: string): boolean {
  if (encoding === 'utf-8') return declared === 'utf-8' || declared === 'utf8' || declared === 'us-ascii';
  return declared === 'utf-16' || declared === encoding;
}
