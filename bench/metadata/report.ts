import type { CatalogComparison } from './catalogs.js';
import type { SdpComparison } from './sdp.js';

export interface MetadataReport {
  readonly at: string;
  readonly node: string;
  readonly zlib: string;
  readonly processors: number;
  /** Of 1, 5 and 15 minutes, at the end. */
  readonly load: readonly number[];
  readonly peers: { readonly gcab: string | null; readonly xmllint: string | null };
  readonly sdp: SdpComparison;
  readonly catalogs: readonly CatalogComparison[];
}

const HEAD = [
  'updates',
  'full s',
  'memory',
  'size',
  '10 changed s',
  'share',
  'same',
  'gcab s',
  'gcab size',
  'ratio',
];

export function describeMetadata(report: MetadataReport): string {
  const { sdp, peers } = report;
  const lines = [
    `node ${report.node}, zlib ${report.zlib}, ${report.processors} processors, load ${report.load.join(' ')}, ${report.at}`,
    `peers: ${peers.gcab ?? 'gcab is not here'}; ${peers.xmllint ?? 'xmllint is not here'}; xmlbuilder2`,
    `medians of ${sdp.pairs} rounds in which all take their turn`,
    '',
    `${sdp.documents} documents: written ${perSecond(sdp.written)}, bare xmlbuilder2 ${perSecond(sdp.xmlbuilder2)}, ratio ${sdp.writtenRatio.toFixed(2)}`,
    sdp.xmllint === null || sdp.validatedRatio === null
      ? `validated ${perSecond(sdp.validated)}; xmllint or the schemas are not here: not compared`
      : `validated ${perSecond(sdp.validated)}, xmllint --schema ${perSecond(sdp.xmllint)}, ratio ${sdp.validatedRatio.toFixed(2)}`,
    '',
    'goals: ratio to gcab -z at most 0.60, share of a full build at most 0.35, memory under 256 MiB above idle',
    row(HEAD),
    ...report.catalogs.map(catalogRow),
  ];
  return `${lines.join('\n')}\n`;
}

function catalogRow(one: CatalogComparison): string {
  return row([
    String(one.updates),
    one.fullSeconds.toFixed(2),
    `${one.memoryMiB.toFixed(0)} MiB`,
    mebibytes(one.sizeBytes),
    one.changedSeconds.toFixed(2),
    one.changedShare.toFixed(2),
    one.isSame ? 'yes' : 'NO',
    one.gcab === null ? 'absent' : one.gcab.seconds.toFixed(2),
    one.gcab === null ? '' : mebibytes(one.gcab.sizeBytes),
    one.gcab === null ? '' : one.gcab.ratio.toFixed(2),
  ]);
}

function row(cells: readonly string[]): string {
  return cells.map((cell, place) => cell.padStart(Math.max(9, HEAD[place]?.length ?? 0))).join(' ');
}

function mebibytes(sizeBytes: number): string {
  return `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`;
}

function perSecond(rate: number): string {
  return `${rate.toFixed(0)}/s`;
}
