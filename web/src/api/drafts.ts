import { api, body } from "./client";
import type { Draft } from "./types";

export function getDraft(scope: string): Promise<Draft> {
  return body(api.GET("/api/drafts/{scope}", { params: { path: { scope } } }));
}

/** `last` on leaving the page: the request outlives it. */
export async function putDraft(scope: string, text: string, fileIds: string[], last = false): Promise<void> {
  await api.PUT("/api/drafts/{scope}", {
    params: { path: { scope } },
    body: { text, file_ids: fileIds },
    keepalive: last,
  });
}
