import { type ComponentType, lazy } from "react";

const FIRST_REST_MS = 300;
const LONGEST_REST_MS = 3_000;
const PATIENCE_MS = 120_000;

/**
 * A part of the page that is fetched when it is first drawn. While the server is away, as when it starts anew, it is asked
 * for again: until it comes its Suspense shows what stands in for it, and the rest of the page goes on.
 */
// biome-ignore lint/suspicious/noExplicitAny: as React's own `lazy`, of whatever properties
export function part<T extends ComponentType<any>>(load: () => Promise<{ default: T }>) {
  return lazy(async () => {
    const until = performance.now() + PATIENCE_MS;
    for (let rest = FIRST_REST_MS; ; rest = Math.min(2 * rest, LONGEST_REST_MS)) {
      try {
        return await load();
      } catch (error) {
        if (performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, rest));
      }
    }
  });
}
