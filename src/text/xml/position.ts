/** `where, line 3, column 14`. */
export function positionOf(where: string, text: string, offset: number): string {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return `${where}, line ${line}, column ${offset - start + 1}`;
}
