/** The pictures of all chats. */

import { type InfiniteData, infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { fileAddress } from "./files";
import { queryClient } from "./query-client";
import type { GalleryPage, GalleryPicture } from "./types";

export type Origin = GalleryPicture["origin"];

const KEY = "pictures";

function picturesQuery(origin: Origin | null) {
  return infiniteQueryOptions({
    queryKey: [KEY, origin],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }): Promise<GalleryPage> =>
      body(
        api.GET("/api/pictures", {
          params: { query: { origin: origin ?? undefined, cursor: pageParam, limit: 48 } },
        }),
      ),
    getNextPageParam: (page: GalleryPage) => page.next_cursor ?? undefined,
    staleTime: 0, // what was drawn since belongs to it
  });
}

export function usePictures(origin: Origin | null) {
  return useInfiniteQuery(picturesQuery(origin));
}

/** Deletes the file of a picture for good. */
export async function deletePicture(fileId: string): Promise<void> {
  await api.DELETE("/api/files/{file_id}", { params: { path: { file_id: fileId } } });
  // this browser keeps files for a year, as they never change: now it finds that there is none
  for (const size of [undefined, "thumb"] as const)
    fetch(fileAddress(fileId, size), { cache: "reload" }).catch(() => undefined);
  queryClient.setQueriesData<InfiniteData<GalleryPage>>({ queryKey: [KEY] }, (old) =>
    old
      ? {
          ...old,
          pages: old.pages.map((page) => ({
            ...page,
            items: page.items.filter(({ file }) => file.id !== fileId),
          })),
        }
      : old,
  );
}
