import { useCallback, useEffect, useRef, useState } from "react";
import { getDraft, putDraft } from "@/api/drafts";

const SAVE_AFTER_MS = 700;

/** Drafts by scope as they are in this tab: shown at once when one comes back to a chat. */
const drafts = new Map<string, { text: string; fileIds: string[] }>();

/** The unsent text of a chat: kept on the server, so it is there after a reload and on other devices. */
export function useDraft(scope: string) {
  const [text, setText] = useState(() => drafts.get(scope)?.text ?? "");
  const [fileIds, setFileIds] = useState<string[]>(() => drafts.get(scope)?.fileIds ?? []);
  const saved = useRef({ text, fileIds });
  const touched = useRef(drafts.has(scope));

  useEffect(() => {
    if (touched.current) return;
    getDraft(scope).then(
      (draft) => {
        if (touched.current) return;
        saved.current = { text: draft.text, fileIds: draft.file_ids };
        setText(draft.text);
        setFileIds(draft.file_ids);
      },
      () => undefined, // without the old draft one can still write a new one
    );
  }, [scope]);

  const save = useCallback(
    (last: boolean) => {
      const now = drafts.get(scope);
      if (!now || (now.text === saved.current.text && now.fileIds.join() === saved.current.fileIds.join()))
        return;
      const before = saved.current;
      saved.current = now;
      putDraft(scope, now.text, now.fileIds, last).catch(() => {
        saved.current = before; // tried again with the next key press
      });
    },
    [scope],
  );

  useEffect(() => {
    if (!touched.current) return;
    drafts.set(scope, { text, fileIds });
    const timer = window.setTimeout(() => save(false), SAVE_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [scope, text, fileIds, save]);

  useEffect(() => {
    const leave = () => save(true);
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [save]);

  return {
    text,
    fileIds,
    setText: useCallback((next: string) => {
      touched.current = true;
      setText(next);
    }, []),
    setFileIds: useCallback((next: string[]) => {
      touched.current = true;
      setFileIds(next);
    }, []),
    /** After sending. The server clears a thread's draft itself; `new` is cleared by an empty one. */
    clear: useCallback(() => {
      touched.current = true;
      drafts.set(scope, { text: "", fileIds: [] });
      setText("");
      setFileIds([]);
      save(false);
    }, [scope, save]),
  };
}
