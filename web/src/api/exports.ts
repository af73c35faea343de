/** Archives of many chats: made by the server, then fetched as files; progress comes by the live line. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Locale } from "@/i18n";
import { saveAddress } from "@/lib/save-file";
import { api, body } from "./client";
import { onLive } from "./live";
import { queryClient } from "./query-client";
import type { ExportInfo } from "./types";

/** The line that tells of progress may be down. */
const ASK_MS = 2_000;

export const exportsQuery = queryOptions({
  queryKey: ["exports"],
  queryFn: (): Promise<ExportInfo[]> => body(api.GET("/api/exports")),
  refetchInterval: ({ state }) => (state.data?.some((item) => item.state === "running") ? ASK_MS : false),
});

export function useExports() {
  return useQuery(exportsQuery);
}

onLive((event) => {
  if (event.type === "hello" || event.type === "export")
    void queryClient.invalidateQueries({ ...exportsQuery, refetchType: "active" });
});

/** Begins an archive of these chats; without any, of everything. */
export async function beginExport(language: Locale, threadIds?: string[]): Promise<ExportInfo> {
  const made = await body(api.POST("/api/exports", { body: { thread_ids: threadIds, language } }));
  queryClient.setQueryData(exportsQuery.queryKey, (old) => [made, ...(old ?? [])]);
  return made;
}

export function exportContent(id: string): string {
  return `/api/exports/${encodeURIComponent(id)}/content`;
}

/** Makes an archive of these chats and saves it as soon as it is there; what became of it. */
export async function saveChats(language: Locale, threadIds: string[]): Promise<ExportInfo> {
  let info = await beginExport(language, threadIds);
  for (let pause = 100; info.state === "running"; pause = Math.min(2 * pause, ASK_MS)) {
    await new Promise((resolve) => window.setTimeout(resolve, pause));
    info = await body(api.GET("/api/exports/{export_id}", { params: { path: { export_id: info.id } } }));
  }
  if (info.state === "done") saveAddress(exportContent(info.id));
  return info;
}

export async function removeExport(id: string): Promise<void> {
  await api.DELETE("/api/exports/{export_id}", { params: { path: { export_id: id } } });
  queryClient.setQueryData(exportsQuery.queryKey, (old) => old?.filter((item) => item.id !== id));
}
