import type { Locale } from "@/i18n";

export type ExportFormat = "markdown" | "html" | "json";

/** Where a chat is as a file; `inline` is the page to be looked at or printed. */
export function exportAddress(
  threadId: string,
  format: ExportFormat,
  options: { tree: boolean; language: Locale; inline?: boolean },
): string {
  const query = new URLSearchParams({
    format,
    scope: options.tree ? "tree" : "path",
    language: options.language,
    disposition: options.inline ? "inline" : "attachment",
  });
  return `/api/threads/${encodeURIComponent(threadId)}/export?${query}`;
}
