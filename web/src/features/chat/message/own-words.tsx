import { useMemo } from "react";
import { LazyMarkdown } from "@/features/markdown/lazy-markdown";
import { splitFences } from "./fences";

/** What one typed, as it was typed; a block between fences is shown as the code that it is. */
export function OwnWords({ text }: { text: string }) {
  const pieces = useMemo(() => splitFences(text), [text]);
  if (!pieces.some(({ code }) => code)) return text;
  return pieces.map((piece, at) =>
    piece.code ? (
      <div key={at} className="own-code">
        <LazyMarkdown text={piece.text} />
      </div>
    ) : (
      <div key={at}>{piece.text}</div>
    ),
  );
}
