/**
 * A text of the script as Setup expands it: `{{` is a brace. Null when it holds a constant, which only the computer or the
 * script decides (`{app}`, `{cm:Name}`, `{code:GetName}`): such a text proves nothing.
 */
export function expandConstants(text: string): string | null {
  const parts = text.split('{{');
  return parts.some((part) => part.includes('{')) ? null : parts.join('{');
}
