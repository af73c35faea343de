import { api, body } from "./client";
import type { Draft, DraftPut } from "./types";

export function getDraft(scope: string): Promise<Draft> {
  return body(api.GET("/api/drafts/{scope}", { params: { path: { scope } } }));
}

/**
 * What the server has then: another key says that the draft is not it, because its turn was taken. `last` on leaving the page: the
 * request outlives it.
 */
export function putDraft(scope: string, draft: DraftPut, last = false): Promise<Draft> {
  return body(api.PUT("/api/drafts/{scope}", { params: { path: { scope } }, body: draft, keepalive: last }));
}
