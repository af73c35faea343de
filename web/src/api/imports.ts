/** Imports of chats from other products: sent in pieces, then worked on by the server; progress comes by the live line. */
import { queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { api, body } from "./client";
import { ApiError, Unreachable } from "./errors";
import { onLive } from "./live";
import { queryClient } from "./query-client";
import type { ImportInfo, ImportNotePage } from "./types";

const PIECE_BYTES = 4_000_000;
const TRIES = 8;
const PAUSE_MS = 1_000;

export const importsQuery = queryOptions({
  queryKey: ["imports"],
  queryFn: (): Promise<ImportInfo[]> => body(api.GET("/api/imports")),
});

export function useImports() {
  return useQuery(importsQuery);
}

export function useImportNotes(id: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["imports", id, "notes"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }): Promise<ImportNotePage> =>
      body(
        api.GET("/api/imports/{import_id}/notes", {
          params: { path: { import_id: id }, query: { cursor: pageParam } },
        }),
      ),
    getNextPageParam: (page: ImportNotePage) => page.next_cursor ?? undefined,
    enabled,
  });
}

onLive((event) => {
  if (event.type !== "hello" && event.type !== "import") return;
  void queryClient.invalidateQueries({ ...importsQuery, exact: true, refetchType: "active" });
  if (event.type !== "import") return;
  void queryClient.invalidateQueries({ queryKey: ["threads-counts"] });
  for (const key of ["threads", "projects", "prompts"])
    void queryClient.invalidateQueries({ queryKey: [key], refetchType: "none" });
});

// --- sending ----------------------------------------------------------------------------------------------------------

interface Uploads {
  /** The imports that this tab is sending, by id. */
  running: Record<string, boolean>;
  set: (id: string, running: boolean) => void;
}

export const useUploads = create<Uploads>((set) => ({
  running: {},
  set: (id, running) => set((state) => ({ running: { ...state.running, [id]: running } })),
}));

function place(info: ImportInfo): void {
  queryClient.setQueryData(importsQuery.queryKey, (old) =>
    old?.some((item) => item.id === info.id)
      ? old.map((item) => (item.id === info.id ? info : item))
      : [info, ...(old ?? [])],
  );
}

/** Sends an export; one of the same name and size that was cut off before goes on where it was. */
export async function sendImport(file: File): Promise<void> {
  const known = (await queryClient.fetchQuery({ ...importsQuery, staleTime: 0 })).find(
    (item) => item.state === "receiving" && item.name === file.name && item.size_bytes === file.size,
  );
  let info =
    known ??
    (await body(
      api.POST("/api/imports", { body: { name: file.name.slice(0, 200), size_bytes: file.size } }),
    ));
  place(info);
  useUploads.getState().set(info.id, true);
  try {
    while (info.state === "receiving" && info.received_bytes < info.size_bytes) {
      info = await sendPiece(info, file);
      place(info);
    }
  } finally {
    useUploads.getState().set(info.id, false);
  }
}

/** One piece; tries again for a while when the line is down. */
async function sendPiece(info: ImportInfo, file: File): Promise<ImportInfo> {
  const offset = info.received_bytes;
  const piece = file.slice(offset, offset + PIECE_BYTES);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await body(
        api.POST("/api/imports/{import_id}/content", {
          params: { path: { import_id: info.id }, query: { offset } },
          body: { file: piece as unknown as string },
          bodySerializer: () => {
            const form = new FormData();
            form.append("file", piece, "piece");
            return form;
          },
        }),
      );
    } catch (error) {
      const passing = error instanceof Unreachable || (error instanceof ApiError && error.status >= 500);
      if (!passing || attempt === TRIES) throw error;
      await new Promise((resolve) => window.setTimeout(resolve, PAUSE_MS * attempt));
    }
  }
}

export async function removeImport(id: string): Promise<void> {
  await api.DELETE("/api/imports/{import_id}", { params: { path: { import_id: id } } });
  queryClient.setQueryData(importsQuery.queryKey, (old) => old?.filter((item) => item.id !== id));
}
