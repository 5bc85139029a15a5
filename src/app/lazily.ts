/** Each member is made when it is first asked for; one that cannot be made throws whenever it is, and spoils no other. */
export function lazily<T extends object>(make: { readonly [Name in keyof T]: () => T[Name] }): T {
  const made = new Map<string, () => unknown>();
  const members = Object.entries<() => unknown>(make).map(([name, body]) => {
    const get = () => {
      const known = made.get(name) ?? outcomeOf(body);
      made.set(name, known);
      return known();
    };
    return [name, { get, enumerable: true }] as const;
  });
  return Object.defineProperties({}, Object.fromEntries(members)) as T;
}

function outcomeOf(body: () => unknown): () => unknown {
  try {
    const value = body();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
