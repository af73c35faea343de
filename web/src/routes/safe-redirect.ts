/** A path on this very app to go to after signing in; anything else is dropped (open redirect). */
export function safeRedirect(value: unknown): string | undefined {
  if (typeof value !== "string" || !/^\/(?![/\\])/.test(value)) return undefined;
  return new URL(value, location.origin).origin === location.origin ? value : undefined;
}
