import { useCallback, useEffect } from "react";
import { changeDraft, loadDraft, saveDraft, useDrafts } from "./drafts";

const SAVE_AFTER_MS = 700;
const none: string[] = [];

/** The unsent text of a chat: kept on the server, so it is there after a reload and on other devices. */
export function useDraft(scope: string) {
  const draft = useDrafts(({ byScope }) => byScope[scope]);

  useEffect(() => {
    loadDraft(scope).catch(() => undefined); // without the old draft one can still write a new one
  }, [scope]);

  useEffect(() => {
    if (!draft?.touched) return;
    const timer = window.setTimeout(() => saveDraft(scope), SAVE_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [scope, draft]);

  useEffect(() => {
    const leave = () => saveDraft(scope, true);
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [scope]);

  return {
    text: draft?.text ?? "",
    fileIds: draft?.fileIds ?? none,
    key: draft?.key ?? "",
    setText: useCallback((text: string) => changeDraft(scope, { text }), [scope]),
    setFileIds: useCallback((fileIds: string[]) => changeDraft(scope, { fileIds }), [scope]),
  };
}
