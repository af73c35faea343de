import type { Marked } from "@/api/types";

/** A text with what was found in it. */
export function Marks({ of: { text, ranges = [] } }: { of: Marked }) {
  const pieces = ranges.flatMap(([start, end], index) => [
    text.slice(index ? ranges[index - 1]?.[1] : 0, start),
    <mark key={start}>{text.slice(start, end)}</mark>,
  ]);
  return (
    <>
      {pieces}
      {text.slice(ranges.at(-1)?.[1] ?? 0)}
    </>
  );
}
