import { useCallback, useEffect, useRef, useState } from "react";
import { fileAddress, uploadFile } from "@/api/files";

/** An image in the composer, from the moment it is dropped. */
export interface Attachment {
  key: string;
  name: string;
  size: number | null;
  /** Where a small picture of it is. */
  preview: string;
  state: "uploading" | "ready" | "failed";
  fileId: string | null;
  error?: unknown;
}

export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/** Images on their way to the server; `fileIds` are those of the draft. */
export function useAttachments(
  fileIds: string[],
  setFileIds: (ids: string[]) => void,
  onError: (error: unknown) => void,
) {
  const [items, setItems] = useState<Attachment[]>([]);
  const aborts = useRef(new Map<string, AbortController>());

  // a draft from the server names files that this tab has not seen yet
  useEffect(() => {
    setItems((before) => {
      const known = new Set(before.map((item) => item.fileId));
      const missing = fileIds.filter((id) => !known.has(id));
      return missing.length === 0 ? before : [...before, ...missing.map(fromDraft)];
    });
  }, [fileIds]);

  const sync = useCallback(
    (next: Attachment[]) =>
      setFileIds(next.flatMap((item) => (item.state === "ready" && item.fileId ? [item.fileId] : []))),
    [setFileIds],
  );

  const upload = async (file: File) => {
    const key = crypto.randomUUID();
    const abort = new AbortController();
    aborts.current.set(key, abort);
    const item: Attachment = {
      key,
      name: file.name,
      size: file.size,
      preview: URL.createObjectURL(file),
      state: "uploading",
      fileId: null,
    };
    setItems((before) => [...before, item]);
    try {
      const { id } = await uploadFile(file, abort.signal);
      setItems((before) => {
        const next = before.map((other) =>
          other.key === key ? { ...other, state: "ready" as const, fileId: id } : other,
        );
        queueMicrotask(() => sync(next));
        return next;
      });
    } catch (error) {
      if (abort.signal.aborted) return;
      setItems((before) =>
        before.map((other) => (other.key === key ? { ...other, state: "failed" as const } : other)),
      );
      onError(error);
    }
  };

  const remove = (key: string) => {
    aborts.current.get(key)?.abort();
    const next = items.filter((item) => item.key !== key);
    setItems(next);
    sync(next);
  };

  const clear = () => setItems([]);

  return {
    items,
    add: (files: Iterable<File>) => {
      for (const file of files) void upload(file);
    },
    remove,
    clear,
  };
}

function fromDraft(id: string): Attachment {
  return { key: id, name: "", size: null, preview: fileAddress(id, "thumb"), state: "ready", fileId: id };
}
