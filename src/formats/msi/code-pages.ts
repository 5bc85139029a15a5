const NAMES: Readonly<Record<number, string>> = {
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gb18030',
  949: 'euc-kr',
  950: 'big5',
  1200: 'utf-16le',
  65001: 'utf-8',
};

/**
 * Text of a Windows code page. 0 means "neutral", which writers also use for UTF-8 and for windows-1252: valid UTF-8 is
 * taken as that, anything else as windows-1252, as are code pages that are not known here.
 */
export function decodeText(bytes: Buffer, codePage: number): string {
  if (codePage === 0 || codePage === 65001) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return new TextDecoder('windows-1252').decode(bytes);
    }
  }
  return new TextDecoder(labelOf(codePage), { ignoreBOM: true }).decode(bytes);
}

function labelOf(codePage: number): string {
  if (codePage >= 1250 && codePage <= 1258) return `windows-${codePage}`;
  return NAMES[codePage] ?? 'windows-1252';
}
