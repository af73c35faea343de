import { type ComponentType, lazy } from "react";

const FIRST_REST_MS = 300;
const LONGEST_REST_MS = 3_000;
const PATIENCE_MS = 120_000;

/** Style sheets that could not be fetched. What loads a part takes one that was asked for once to be there. */
const lost = new Set<HTMLLinkElement>();

globalThis.document?.addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") lost.add(target);
  },
  true,
);

async function fetchStyles(): Promise<void> {
  const again = [...lost].map((link) => {
    lost.delete(link);
    const copy = link.cloneNode() as HTMLLinkElement;
    const loaded = new Promise((resolve, reject) => {
      copy.addEventListener("load", resolve);
      copy.addEventListener("error", reject);
    });
    link.replaceWith(copy);
    return loaded;
  });
  await Promise.all(again);
}

/** Fetches, and while the server is away, as when it starts anew, asks again for so long. */
export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (let rest = FIRST_REST_MS; ; rest = Math.min(2 * rest, LONGEST_REST_MS)) {
    try {
      await fetchStyles();
      return await load();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, rest));
    }
  }
}

/**
 * A part of the page that is fetched when it is first drawn. Until it comes its Suspense shows what stands in for it, and
 * the rest of the page goes on.
 */
// biome-ignore lint/suspicious/noExplicitAny: as React's own `lazy`, of whatever properties
export function part<T extends ComponentType<any>>(load: () => Promise<{ default: T }>) {
  return lazy(() => patiently(load));
}
