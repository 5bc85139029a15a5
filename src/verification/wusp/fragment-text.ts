import { bufferSource } from '../../core/bytes.js';
import { readCabinet } from '../../formats/cab/index.js';
import type { XmlElement } from '../../text/xml/index.js';
import { textAt } from './soap.js';

const MAX_FRAGMENT_BYTES = 16 << 20;

/**
 * The fragment of an update, however the server carries it: as text, or packed into a cabinet whose member `blob` is
 * UTF-16 (as servers give it to one another above 5,120 bytes). Null: there is none. PermanentError `cabinet...`.
 */
export function fragmentText(from: XmlElement): string | null {
  const packed = textAt(from, 'XmlUpdateBlobCompressed');
  if (packed === null) return textAt(from, 'Xml') ?? textAt(from, 'XmlUpdateBlob');
  const cabinet = readCabinet(bufferSource(Buffer.from(packed, 'base64')), {
    maxDecodedBytes: MAX_FRAGMENT_BYTES,
  });
  const member = cabinet.find('blob');
  return member === null ? null : cabinet.extract(member, MAX_FRAGMENT_BYTES).toString('utf16le');
}
