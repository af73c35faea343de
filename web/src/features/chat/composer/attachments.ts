import { useCallback, useEffect, useRef, useState } from "react";
import { fileAddress, knownFile, TEXT_TYPE, uploadFile } from "@/api/files";

/** An image or a text in the composer, from the moment it is dropped. */
export interface Attachment {
  key: string;
  kind: "image" | "text";
  name: string;
  size: number | null;
  /** Where a small picture of it is, of an image. */
  preview: string;
  /** What was dropped or pasted in this tab. */
  local?: File;
  /** It was long words in the clipboard. */
  pasted?: boolean;
  state: "uploading" | "ready" | "failed";
  fileId: string | null;
  error?: unknown;
}

/** A file that did not become an attachment. */
export interface Refused {
  name: string;
  error: unknown;
}

/** There is nothing in it to send. */
export class EmptyFile extends Error {}

export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/** A longer paste becomes a file, in characters. */
export const LONG_PASTE = 8_000;

/** Files on their way to the server; `fileIds` are those of the draft. */
export function useAttachments(
  fileIds: string[],
  setFileIds: (ids: string[]) => void,
  onRefused: (refused: Refused[]) => void,
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

  const upload = async (file: File, pasted: boolean): Promise<Refused | null> => {
    const key = crypto.randomUUID();
    const abort = new AbortController();
    aborts.current.set(key, abort);
    const item: Attachment = {
      key,
      // what it is the server finds out; what is no image is taken for a text until then
      kind: IMAGE_TYPES.includes(file.type) ? "image" : "text",
      name: file.name,
      size: file.size,
      preview: IMAGE_TYPES.includes(file.type) ? URL.createObjectURL(file) : "",
      local: file,
      pasted,
      state: "uploading",
      fileId: null,
    };
    setItems((before) => [...before, item]);
    try {
      if (file.size === 0) throw new EmptyFile(file.name);
      const { id, media_type, size_bytes: size } = await uploadFile(file, abort.signal);
      const found = kindOf(media_type);
      setItems((before) => {
        const next = before.map((other) =>
          other.key === key
            ? {
                ...other,
                kind: found,
                size,
                preview: found === "image" ? other.preview || fileAddress(id, "thumb") : "",
                state: "ready" as const,
                fileId: id,
              }
            : other,
        );
        queueMicrotask(() => sync(next));
        return next;
      });
      return null;
    } catch (error) {
      if (abort.signal.aborted) return null;
      setItems((before) =>
        before.map((other) => (other.key === key ? { ...other, state: "failed" as const, error } : other)),
      );
      return { name: file.name, error };
    }
  };

  const add = async (files: Iterable<File>, pasted = false) => {
    const results = await Promise.all(Array.from(files, (file) => upload(file, pasted)));
    const refused = results.filter((result) => result !== null);
    if (refused.length > 0) onRefused(refused);
  };

  const remove = (key: string) => {
    aborts.current.get(key)?.abort();
    const next = items.filter((item) => item.key !== key);
    setItems(next);
    sync(next);
  };

  const clear = () => setItems([]);

  const removeImages = () => {
    for (const { key, kind } of items) if (kind === "image") aborts.current.get(key)?.abort();
    const next = items.filter(({ kind }) => kind !== "image");
    setItems(next);
    sync(next);
  };

  return {
    items,
    add: (files: Iterable<File>, pasted = false) => void add(files, pasted),
    remove,
    removeImages,
    clear,
  };
}

function fromDraft(id: string): Attachment {
  const file = knownFile(id);
  const kind = kindOf(file?.media_type);
  return {
    key: id,
    kind,
    name: file?.name ?? "",
    size: file?.size_bytes ?? null,
    preview: kind === "image" ? fileAddress(id, "thumb") : "",
    state: "ready",
    fileId: id,
  };
}

function kindOf(mediaType: string | undefined): Attachment["kind"] {
  return mediaType === TEXT_TYPE ? "text" : "image";
}
