/** A text inside of quotes of a filter: a quote is doubled. */
export function quoted(text: string): string {
  return text.replaceAll("'", "''");
}
