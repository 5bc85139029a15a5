import type { ByteSource } from '../../../core/bytes.js';
import { RESERVE_OFFSET, SIGNATURE_MARKER } from '../../../formats/cab/index.js';
import { type CatalogFinding, finding } from './finding.js';

const WHERE = 'the cabinet';
const RESERVE_BYTES = 20;
/** iCabinet and the reserve's last bytes: readers disagree on whether a digest covers them (configmgr-catalog 1.2). */
const ZERO_BYTES = [34, 35, 56, 57, 58, 59] as const;

/** Whether the signature stands where Windows looks for it; who signed, and whether it is right, `src/trust` says. */
export function containerFindings(source: ByteSource): readonly CatalogFinding[] {
  const head = source.read(0, RESERVE_OFFSET + RESERVE_BYTES);
  if (head.toString('latin1', 0, 4) !== 'MSCF') return [];
  const hasReserve = head.length >= 60 && (head.readUInt16LE(30) & 4) !== 0;
  if (!hasReserve || head.readUInt16LE(36) !== RESERVE_BYTES) {
    return [
      finding('cab.reserve', WHERE, {
        expected: 'a 20-byte reserve for a signature',
        found: 'another header',
      }),
    ];
  }
  const [marker, at, length] = [0, 4, 8].map((offset) => head.readUInt32LE(RESERVE_OFFSET + offset)) as [
    number,
    number,
    number,
  ];
  const isPlaced =
    marker === SIGNATURE_MARKER &&
    at === head.readUInt32LE(8) &&
    at + length === source.sizeBytes &&
    length > 0;
  return [
    ...(isPlaced
      ? []
      : [
          finding('cab.signature', WHERE, {
            expected: 'a signature from the end of the cabinet to the end of the file',
            found: `reserve ${marker.toString(16)}, ${at} + ${length} of ${source.sizeBytes} bytes`,
          }),
        ]),
    ...ZERO_BYTES.filter((offset) => head[offset] !== 0).map((offset) =>
      finding('cab.zero', WHERE, { expected: `0 at byte ${offset}`, found: String(head[offset]) }),
    ),
  ];
}
