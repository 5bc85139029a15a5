/**
 * What was made of a text, so that it is not made again: every answer of a server is about all of its updates. Without
 * a bound, for the few hundred updates that a lab has; a fault is not kept.
 */
export function createMemory<Value>(): (text: string, make: () => Value) => Value {
  const known = new Map<string, Value>();
  return (text, make) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make();
    known.set(text, made);
    return made;
  };
}
