/** Groups of the chat list: today, yesterday, the last seven and thirty days, then months. */

export type DayGroup = "today" | "yesterday" | "week" | "month" | `${number}-${number}`;

const DAY_MS = 86_400_000;

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** The group of a moment, in the reader's own time zone. */
export function dayGroup(iso: string, now: Date = new Date()): DayGroup {
  const date = new Date(iso);
  const days = Math.round((midnight(now) - midnight(date)) / DAY_MS);
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  if (days <= 7) return "week";
  if (days <= 30) return "month";
  return `${date.getFullYear()}-${date.getMonth() + 1}`;
}

/** Runs of consecutive items of one group; the order stays. */
export function groupByDay<T>(
  items: T[],
  when: (item: T) => string,
  now: Date = new Date(),
): { group: DayGroup; items: T[] }[] {
  const groups: { group: DayGroup; items: T[] }[] = [];
  for (const item of items) {
    const group = dayGroup(when(item), now);
    const last = groups.at(-1);
    if (last?.group === group) last.items.push(item);
    else groups.push({ group, items: [item] });
  }
  return groups;
}
