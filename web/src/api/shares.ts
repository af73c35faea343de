/** Links by which anybody may read a chat: one's own, and the page that they open. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { SharedChat, ShareInfo, ShareList, ShareMade, ShareNew } from "./types";

export const sharesQuery = queryOptions({
  queryKey: ["shares"],
  queryFn: (): Promise<ShareList> => body(api.GET("/api/shares")),
});

export function useShares() {
  return useQuery(sharesQuery);
}

function refresh(): void {
  void queryClient.invalidateQueries(sharesQuery);
}

export async function makeShare(wish: ShareNew): Promise<ShareMade> {
  const made = await body(api.POST("/api/shares", { body: wish }));
  refresh();
  return made;
}

export async function updateShare(id: string): Promise<ShareInfo> {
  const share = await body(api.POST("/api/shares/{share_id}/update", { params: { path: { share_id: id } } }));
  refresh();
  return share;
}

export async function revokeShare(id: string): Promise<void> {
  await api.DELETE("/api/shares/{share_id}", { params: { path: { share_id: id } } });
  refresh();
}

export function shareAddress(token: string): string {
  return `${location.origin}/s/${token}`;
}

export function openShared(token: string, password?: string): Promise<SharedChat> {
  return body(api.POST("/api/shared/{token}", { params: { path: { token } }, body: { password } }));
}

/** Where a file of a shared chat is; `ticket` opens those behind a password. */
export function sharedFileAddress(token: string, fileId: string, ticket: string | null | undefined): string {
  const query = ticket ? `?ticket=${encodeURIComponent(ticket)}` : "";
  return `/api/shared/${encodeURIComponent(token)}/files/${encodeURIComponent(fileId)}${query}`;
}
