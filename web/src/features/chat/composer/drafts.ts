/** What is typed and not sent, by chat: in this tab at once, on the server a moment later. */
import { create } from "zustand";
import { isDown, keepDraft, keptDraft } from "@/api/away";
import { getDraft, putDraft } from "@/api/drafts";
import { knowFile, knownFile, TEXT_TYPE } from "@/api/files";
import { uuid7 } from "@/api/ids";
import { isBeginning, useOutbox } from "@/api/outbox";
import type { PartInput } from "@/api/types";

export interface TypedDraft {
  text: string;
  fileIds: string[];
  /** The key of the turn that will send it: with that turn the server forgets the draft. */
  key: string;
  /** Changed in this tab. What is not is read from the server again when one comes back to the chat. */
  touched: boolean;
}

export const useDrafts = create<{ byScope: Record<string, TypedDraft | undefined> }>(() => ({ byScope: {} }));

/** What the server has, as far as this tab knows. */
const saved = new Map<string, string>();

const NOTHING = { text: "", fileIds: [] as string[] };
const contentOf = ({ text, fileIds }: { text: string; fileIds: string[] }) => JSON.stringify([text, fileIds]);
const draftOf = (scope: string) => useDrafts.getState().byScope[scope];
const blank = (): TypedDraft => ({ ...NOTHING, key: uuid7(), touched: true });

function put(scope: string, draft: TypedDraft): void {
  useDrafts.setState(({ byScope }) => ({ byScope: { ...byScope, [scope]: draft } }));
}

export function changeDraft(scope: string, change: { text?: string; fileIds?: string[] }): void {
  put(scope, { ...(draftOf(scope) ?? blank()), ...change, touched: true });
}

/** Asks the server for the draft of a chat, unless something was typed here. */
export async function loadDraft(scope: string): Promise<void> {
  if (draftOf(scope)?.touched || isBeginning(scope)) return;
  const unsent = await keptDraft(scope);
  if (draftOf(scope)?.touched) return;
  if (unsent && !useOutbox.getState().turns.some((turn) => turn.key === unsent.key)) {
    const { text, fileIds, files, key, before } = unsent;
    for (const [at, file] of files.entries()) if (file) knowFile(fileIds[at] ?? "", file);
    saved.set(scope, before);
    put(scope, { text, fileIds, key, touched: true }); // and with that it goes to the server
    await joinDraft(scope, unsent);
    return;
  }
  const { text, file_ids: fileIds, files = [], key } = await getDraft(scope);
  for (const file of files) knowFile(file.id, file);
  if (draftOf(scope)?.touched) return;
  saved.set(scope, contentOf({ text, fileIds }));
  // it is on its way already, or waits for its turn
  const sent = useOutbox.getState().turns.some((turn) => turn.key === key);
  put(scope, { ...(sent ? NOTHING : { text, fileIds }), key: key && !sent ? key : uuid7(), touched: false });
}

/** What was typed elsewhere since is not written over: what was typed here goes below it. */
async function joinDraft(
  scope: string,
  unsent: { before: string; text: string; fileIds: string[] },
): Promise<void> {
  const { text, file_ids: fileIds, files = [] } = await getDraft(scope);
  if ([unsent.before, contentOf(unsent), contentOf(NOTHING)].includes(contentOf({ text, fileIds }))) return;
  for (const file of files) knowFile(file.id, file);
  const here = draftOf(scope) ?? NOTHING;
  changeDraft(scope, {
    text: [text, here.text].filter((words) => words !== "").join("\n\n"),
    fileIds: [...new Set([...fileIds, ...here.fileIds])],
  });
}

/** `last` on leaving the page. */
export function saveDraft(scope: string, last = false): void {
  const draft = draftOf(scope);
  if (!draft?.touched) return;
  const before = saved.get(scope) ?? contentOf(NOTHING);
  const now = contentOf(draft);
  if (now === before) return;
  saved.set(scope, now);
  const { text, fileIds, key } = draft;
  const isNewest = () => contentOf(draftOf(scope) ?? NOTHING) === now;
  const keep = () =>
    keepDraft(
      scope,
      now === contentOf(NOTHING) ? null : { text, fileIds, files: fileIds.map(knownFile), key, before },
    );
  if (isDown()) keep(); // there may never be an answer
  putDraft(scope, { text, file_ids: fileIds, key }, last).then(
    () => {
      if (isNewest()) keepDraft(scope, null);
    },
    () => {
      saved.set(scope, before); // tried again with the next key press
      if (isNewest()) keep();
    },
  );
}

/** Puts words of the chat under what is typed, as Markdown quotes them; the answer to them goes below. */
export function quoteInDraft(scope: string, words: string): void {
  const lines = words.trim().split(/\r?\n/);
  addToDraft(scope, `${lines.map((line) => `> ${line}`.trimEnd()).join("\n")}\n\n`);
}

/** Puts words behind what is typed. */
export function addToDraft(scope: string, words: string): void {
  const before = (draftOf(scope)?.text ?? "").trimEnd();
  changeDraft(scope, { text: `${before}${before && "\n\n"}${words}` });
}

/** Puts a picture of the chat beside what is typed. */
export function attachToDraft(
  scope: string,
  picture: { file_id: string; name?: string; media_type?: string },
): void {
  const { file_id: id, name = "", media_type: type = "" } = picture;
  if (!knownFile(id)) knowFile(id, { name, media_type: type, size_bytes: 0 });
  const { fileIds } = draftOf(scope) ?? NOTHING;
  if (!fileIds.includes(id)) changeDraft(scope, { fileIds: [...fileIds, id] });
}

/** It is in the outbox now. The server keeps it until it has taken the turn, so nothing empty is saved over it. */
export function draftSent(scope: string): void {
  keepDraft(scope, null);
  put(scope, blank());
  saved.set(scope, contentOf(NOTHING));
}

/** What was sent and did not go comes back, before what was typed since. */
export function restoreDraft(scope: string, parts: PartInput[]): void {
  const since = draftOf(scope) ?? NOTHING;
  const text = [...parts.flatMap((part) => (part.type === "text" ? [part.text] : [])), since.text];
  const fileIds = parts.flatMap((part) => (part.type === "text" ? [] : [part.file_id]));
  for (const part of parts)
    if (part.type === "file" && !knownFile(part.file_id))
      knowFile(part.file_id, { name: "", media_type: TEXT_TYPE, size_bytes: 0 });
  put(scope, {
    ...blank(),
    text: text.filter((piece) => piece !== "").join("\n\n"),
    fileIds: [...fileIds, ...since.fileIds],
  });
  saveDraft(scope);
}

/** A message that waited is not wanted: the server may still hold it as the draft of its chat. */
export function forgetWaiting(scope: string): void {
  const draft = draftOf(scope) ?? blank();
  saved.set(scope, contentOf(draft));
  putDraft(scope, { text: draft.text, file_ids: draft.fileIds, key: draft.key }).catch(() => undefined);
}
