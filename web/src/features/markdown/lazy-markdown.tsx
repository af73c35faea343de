import { lazy, Suspense } from "react";
import type { MarkdownProps } from "./markdown";

const load = () => import("./markdown");
const Markdown = lazy(() => load().then((module) => ({ default: module.Markdown })));

/** Fetches the renderer ahead of time, e.g. while the first answer is on its way. */
export function preloadMarkdown(): void {
  load().catch(() => undefined); // it is fetched again when it is drawn
}

/** Markdown; the plain text stands in until the renderer is there. */
export function LazyMarkdown(props: MarkdownProps) {
  return (
    <Suspense fallback={<div className="prose whitespace-pre-wrap">{props.text}</div>}>
      <Markdown {...props} />
    </Suspense>
  );
}
