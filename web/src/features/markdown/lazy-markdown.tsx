import { type ComponentType, Suspense, useState } from "react";
import { part } from "@/lib/part";
import type { MarkdownProps } from "./markdown";

let loaded: ComponentType<MarkdownProps> | undefined;
const load = async () => {
  const { Markdown } = await import("./markdown");
  loaded = Markdown;
  return { default: Markdown };
};
const Later = part(load);

/** Fetches the renderer ahead of time, e.g. while the first answer is on its way. */
export function preloadMarkdown(): void {
  load().catch(() => undefined); // it is fetched again when it is drawn
}

/** Markdown; the plain text stands in until the renderer is there. */
export function LazyMarkdown(props: MarkdownProps) {
  const [Now] = useState(() => loaded); // also what has come already would be waited for
  if (Now) return <Now {...props} />;
  return (
    <Suspense fallback={<div className="prose whitespace-pre-wrap">{props.text}</div>}>
      <Later {...props} />
    </Suspense>
  );
}
