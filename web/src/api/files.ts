import { api, body } from "./client";
import type { FileInfo } from "./types";

export function uploadFile(file: File, signal?: AbortSignal): Promise<FileInfo> {
  return body(
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
}

/** Where the bytes of a file are; `thumb` is at most 512 px. */
export function fileAddress(id: string, size?: "thumb"): string {
  return `/api/files/${encodeURIComponent(id)}${size ? `?size=${size}` : ""}`;
}
