import type { SearchGroup, SearchPage } from "@/api/types";

/** The threads of all pages, each once, with everything that was found in it so far. */
export function groupsOf(pages: SearchPage[]): SearchGroup[] {
  const byThread = new Map<string, SearchGroup>();
  for (const group of pages.flatMap((page) => page.items)) {
    const known = byThread.get(group.thread_id);
    byThread.set(group.thread_id, known ? { ...known, hits: [...known.hits, ...group.hits] } : group);
  }
  return [...byThread.values()];
}

export const PERIODS = { week: 7, month: 30, year: 365 } as const;
export type Period = keyof typeof PERIODS;

/** The first moment of a period that ends now: midnight, so that the question stays the same all day. */
export function since(period: Period, now = new Date()): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - PERIODS[period]).toISOString();
}
