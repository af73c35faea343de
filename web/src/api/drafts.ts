import { api, body } from "./client";
import type { Draft, DraftPut } from "./types";

export function getDraft(scope: string): Promise<Draft> {
  return body(api.GET("/api/drafts/{scope}", { params: { path: { scope } } }));
}

/** `last` on leaving the page: the request outlives it. */
export async function putDraft(scope: string, draft: DraftPut, last = false): Promise<void> {
  await api.PUT("/api/drafts/{scope}", {
    params: { path: { scope } },
    body: draft,
    keepalive: last,
  });
}
