/** A plain LZX encoder for tests: every kind of block and match, no optimal parsing. */
const SLOTS: Readonly<Record<number, number>> = { 15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50 };
const FRAME = 32_768;

export type BlockKind = 'verbatim' | 'aligned' | 'uncompressed';

export interface EncodeOptions {
  readonly windowBits: number;
  /** Of each block in turn, again and again; sizes in bytes. */
  readonly blocks: readonly { readonly kind: BlockKind; readonly size: number }[];
  /** Calls were translated before, for a program of this size. */
  readonly callFileBytes?: number;
}

class BitWriter {
  readonly bytes: number[] = [];
  private buffer = 0;
  private filled = 0;
  bits(value: number, count: number): void {
    for (let at = count - 1; at >= 0; at -= 1) {
      this.buffer = (this.buffer << 1) | (Math.floor(value / 2 ** at) & 1);
      this.filled += 1;
      if (this.filled === 16) this.flush();
    }
  }
  /** Zero bits up to a word. */
  align(): void {
    while (this.filled !== 0) this.bits(0, 1);
  }
  /** Before stored bytes: up to a word, a whole one where a word has just ended. */
  alignForBytes(): void {
    if (this.filled === 0) this.bits(0, 16);
    else this.align();
  }
  private flush(): void {
    this.bytes.push(this.buffer & 0xff, (this.buffer >> 8) & 0xff);
    this.buffer = 0;
    this.filled = 0;
  }
}

interface Token {
  readonly main: number;
  readonly length: number | null;
  readonly extra: number;
  readonly extraBits: number;
  /** Where in the plain text it ends. */
  readonly end: number;
}

const extraOf = (slot: number) => (slot < 4 ? 0 : Math.min(17, (slot >> 1) - 1));
const BASES = [0];
for (let slot = 0; slot < 50; slot += 1) BASES.push((BASES[slot] ?? 0) + 2 ** extraOf(slot));

/** Length-limited codes: equal frequencies are near enough; what is used gets a code, and codes are complete. */
function lengthsOf(counts: readonly number[]): number[] {
  const used = counts.flatMap((count, symbol) => (count > 0 ? [symbol] : []));
  const lengths = counts.map(() => 0);
  if (used.length === 0) return lengths;
  if (used.length === 1) {
    // One code alone is not complete: a second symbol gets one that is never used.
    lengths[used[0] ?? 0] = 1;
    lengths[used[0] === 0 ? 1 : 0] = 1;
    return lengths;
  }
  const bits = Math.ceil(Math.log2(used.length));
  const short = 2 ** bits - used.length;
  const byCount = [...used].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0));
  for (const [rank, symbol] of byCount.entries()) lengths[symbol] = rank < short ? bits - 1 : bits;
  return lengths;
}

function codesOf(lengths: readonly number[]): number[] {
  const codes = lengths.map(() => 0);
  let code = 0;
  for (let length = 1; length <= 16; length += 1) {
    for (const [symbol, own] of lengths.entries()) {
      if (own !== length) continue;
      codes[symbol] = code;
      code += 1;
    }
    code <<= 1;
  }
  return codes;
}

function writeLengths(out: BitWriter, before: readonly number[], lengths: readonly number[]): void {
  const symbols: {
    readonly symbol: number;
    readonly more?: readonly [number, number];
    readonly repeated?: number;
  }[] = [];
  for (let at = 0; at < lengths.length; ) {
    let run = 1;
    while (at + run < lengths.length && lengths[at + run] === lengths[at] && run < 51) run += 1;
    const delta = ((before[at] ?? 0) - (lengths[at] ?? 0) + 17) % 17;
    if (lengths[at] === 0 && run >= 20) symbols.push({ symbol: 18, more: [run - 20, 5] });
    else if (lengths[at] === 0 && run >= 4) {
      run = Math.min(run, 19);
      symbols.push({ symbol: 17, more: [run - 4, 4] });
    } else if (run >= 4) {
      run = Math.min(run, 5);
      symbols.push({ symbol: 19, more: [run - 4, 1], repeated: delta });
    } else {
      run = 1;
      symbols.push({ symbol: delta });
    }
    at += run;
  }
  const counts = Array.from({ length: 20 }, () => 0);
  for (const { symbol, repeated } of symbols)
    for (const one of [symbol, ...(repeated === undefined ? [] : [repeated])])
      counts[one] = (counts[one] ?? 0) + 1;
  const own = lengthsOf(counts);
  const codes = codesOf(own);
  for (const length of own) out.bits(length, 4);
  const put = (symbol: number) => out.bits(codes[symbol] ?? 0, own[symbol] ?? 0);
  for (const { symbol, more, repeated } of symbols) {
    put(symbol);
    if (more !== undefined) out.bits(more[0], more[1]);
    if (repeated !== undefined) put(repeated);
  }
}

/** The blocks of a cabinet folder: packed, and how long each is plain. */
export function encodeLzx(plain: Buffer, options: EncodeOptions): { data: Buffer; plainBytes: number }[] {
  const windowBytes = 2 ** options.windowBits;
  const slots = SLOTS[options.windowBits] ?? 0;
  let out = new BitWriter();
  const frames: { data: Buffer; plainBytes: number }[] = [];
  const lastSeen = new Map<string, number>();
  let recent = [1, 1, 1];
  let [main, length] = [
    Array.from({ length: 256 + slots * 8 }, () => 0),
    Array.from({ length: 249 }, () => 0),
  ];
  out.bits(options.callFileBytes === undefined ? 0 : 1, 1);
  if (options.callFileBytes !== undefined) out.bits(options.callFileBytes, 32);
  const frameEnd = (at: number) => Math.min(plain.length, Math.floor(at / FRAME) * FRAME + FRAME);
  const endFrame = (at: number, start: number) => {
    out.align();
    frames.push({ data: Buffer.from(out.bytes), plainBytes: at - start });
    out = new BitWriter();
  };

  const tokensOf = (from: number, to: number): Token[] => {
    const tokens: Token[] = [];
    for (let at = from; at < to; ) {
      const most = Math.min(257, frameEnd(at) - at, to - at);
      const key = plain.toString('latin1', at, at + 3);
      const near = recent.find((distance) => distance <= at && matchAt(at, distance, most) >= 2);
      const seen = lastSeen.get(key);
      const distance = near ?? (seen !== undefined && at - seen < windowBytes - 3 ? at - seen : 0);
      const matched = distance === 0 ? 0 : matchAt(at, distance, most);
      const used = matched >= 2 ? matched : 1;
      if (matched >= 2) tokens.push(matchToken(matched, distance, at + matched));
      else tokens.push({ main: plain[at] ?? 0, length: null, extra: 0, extraBits: 0, end: at + 1 });
      for (let n = 0; n < used; n += 1) lastSeen.set(plain.toString('latin1', at + n, at + n + 3), at + n);
      at += used;
    }
    return tokens;
  };
  const matchAt = (at: number, distance: number, most: number): number => {
    let n = 0;
    while (n < most && plain[at + n] === plain[at + n - distance]) n += 1;
    return n;
  };
  const matchToken = (matched: number, distance: number, end: number): Token => {
    const at = recent.indexOf(distance);
    let [slot, extra] = [at, 0];
    if (at === 1) recent = [recent[1] ?? 0, recent[0] ?? 0, recent[2] ?? 0];
    else if (at === 2) recent = [recent[2] ?? 0, recent[1] ?? 0, recent[0] ?? 0];
    else if (at < 0) {
      slot = BASES.findLastIndex((base) => base <= distance + 2);
      extra = distance + 2 - (BASES[slot] ?? 0);
      recent = [distance, recent[0] ?? 0, recent[1] ?? 0];
    }
    const long = matched - 2 >= 7;
    return {
      main: 256 + slot * 8 + (long ? 7 : matched - 2),
      length: long ? matched - 9 : null,
      extra,
      extraBits: at < 0 ? extraOf(slot) : 0,
      end,
    };
  };

  let start = 0;
  let at = 0;
  for (let block = 0; at < plain.length; block += 1) {
    const { kind, size } = options.blocks[block % options.blocks.length] ?? {
      kind: 'verbatim' as const,
      size: FRAME,
    };
    const to = Math.min(plain.length, at + size);
    out.bits({ verbatim: 1, aligned: 2, uncompressed: 3 }[kind], 3);
    out.bits(to - at, 24);
    if (kind === 'uncompressed') {
      out.alignForBytes();
      const head = Buffer.alloc(12);
      for (const [index, value] of recent.entries()) head.writeUInt32LE(value, index * 4);
      out.bytes.push(...head);
      for (const blockStart = at; at < to; at += 1) {
        out.bytes.push(plain[at] ?? 0);
        const isLast = at + 1 === to;
        if (isLast && (to - blockStart) % 2 === 1) out.bytes.push(0);
        if (at + 1 === frameEnd(at)) {
          endFrame(at + 1, start);
          start = at + 1;
        }
      }
      continue;
    }
    const tokens = tokensOf(at, to);
    const counts = main.map(() => 0);
    const lengthCounts = length.map(() => 0);
    const alignedCounts = [1, 1, 1, 1, 1, 1, 1, 1];
    for (const token of tokens) {
      counts[token.main] = (counts[token.main] ?? 0) + 1;
      if (token.length !== null) lengthCounts[token.length] = (lengthCounts[token.length] ?? 0) + 1;
    }
    const [nextMain, nextLength, aligned] = [
      lengthsOf(counts),
      lengthsOf(lengthCounts),
      lengthsOf(alignedCounts),
    ];
    if (kind === 'aligned') for (const one of aligned) out.bits(one, 3);
    writeLengths(out, main.slice(0, 256), nextMain.slice(0, 256));
    writeLengths(out, main.slice(256), nextMain.slice(256));
    writeLengths(out, length, nextLength);
    [main, length] = [nextMain, nextLength];
    const [mainCodes, lengthCodes, alignedCodes] = [codesOf(main), codesOf(length), codesOf(aligned)];
    for (const token of tokens) {
      out.bits(mainCodes[token.main] ?? 0, main[token.main] ?? 0);
      if (token.length !== null) out.bits(lengthCodes[token.length] ?? 0, length[token.length] ?? 0);
      if (kind === 'aligned' && token.extraBits >= 3) {
        out.bits(Math.floor(token.extra / 8), token.extraBits - 3);
        out.bits(alignedCodes[token.extra % 8] ?? 0, aligned[token.extra % 8] ?? 0);
      } else out.bits(token.extra, token.extraBits);
      if (token.end === frameEnd(token.end - 1)) {
        endFrame(token.end, start);
        start = token.end;
      }
    }
    at = to;
  }
  return frames;
}

/** What an encoder does with calls before it packs ([MS-PATCH], the reverse of the reader's). */
export function translateCalls(plain: Buffer, fileBytes: number): Buffer {
  const out = Buffer.from(plain);
  for (let frame = 0; frame < out.length; frame += FRAME) {
    const end = Math.min(out.length, frame + FRAME) - 10;
    for (let at = frame; at < end; ) {
      if (out[at] !== 0xe8) {
        at += 1;
        continue;
      }
      const relative = out.readInt32LE(at + 1);
      if (relative >= -at && relative < fileBytes)
        out.writeInt32LE(relative < fileBytes - at ? relative + at : relative - fileBytes, at + 1);
      at += 5;
    }
  }
  return out;
}

/** A cabinet of one folder and one member. */
export function lzxCabinet(
  frames: readonly { data: Buffer; plainBytes: number }[],
  windowBits: number,
): Buffer {
  const name = Buffer.from('member.bin\0', 'latin1');
  const sizeBytes = frames.reduce((sum, { plainBytes }) => sum + plainBytes, 0);
  const data = frames.map(({ data: packed, plainBytes }) => {
    const head = Buffer.alloc(8);
    head.writeUInt16LE(packed.length, 4);
    head.writeUInt16LE(plainBytes, 6);
    return Buffer.concat([head, packed]);
  });
  const header = Buffer.alloc(36);
  const folder = Buffer.alloc(8);
  const file = Buffer.alloc(16);
  const dataAt = 36 + 8 + 16 + name.length;
  header.write('MSCF', 0, 'latin1');
  header.writeUInt32LE(dataAt + Buffer.concat(data).length, 8);
  header.writeUInt32LE(44, 16);
  header.writeUInt8(3, 24);
  header.writeUInt8(1, 25);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(1, 28);
  folder.writeUInt32LE(dataAt, 0);
  folder.writeUInt16LE(frames.length, 4);
  folder.writeUInt16LE(3 | (windowBits << 8), 6);
  file.writeUInt32LE(sizeBytes, 0);
  file.writeUInt16LE((1 << 5) | 1, 10);
  file.writeUInt16LE(0x20, 14);
  return Buffer.concat([header, folder, file, name, ...data]);
}
