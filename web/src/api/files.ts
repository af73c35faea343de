import { api, body } from "./client";
import type { FileInfo } from "./types";

/** What this tab knows of a file that it uploaded or read of in a draft. */
export type KnownFile = Pick<FileInfo, "name" | "media_type" | "size_bytes">;

const known = new Map<string, KnownFile>();

export function knownFile(id: string): KnownFile | undefined {
  return known.get(id);
}

export function knowFile(id: string, file: KnownFile): void {
  known.set(id, file);
}

export const TEXT_TYPE = "text/plain";

export async function uploadFile(file: File, signal?: AbortSignal): Promise<FileInfo> {
  const info = await body(
    api.POST("/api/files", {
      body: { file: file as unknown as string },
      bodySerializer: () => {
        const form = new FormData();
        form.append("file", file, file.name);
        return form;
      },
      signal,
    }),
  );
  knowFile(info.id, info);
  return info;
}

/** The words of a text file. */
export async function fileText(id: string): Promise<string> {
  const asked = api.GET("/api/files/{file_id}", { params: { path: { file_id: id } }, parseAs: "text" });
  return (await body(asked)) as string;
}

/** Where the bytes of a file are; `thumb` is at most 512 px. */
export function fileAddress(id: string, size?: "thumb"): string {
  return `/api/files/${encodeURIComponent(id)}${size ? `?size=${size}` : ""}`;
}
