/** What is typed and not sent, by chat: in this tab at once, on the server a moment later. */
import { create } from "zustand";
import { isDown, type KeptDraft, keepDraft, keptDraft } from "@/api/away";
import { getDraft, putDraft } from "@/api/drafts";
import { knowFile, knownFile, TEXT_TYPE } from "@/api/files";
import { uuid7 } from "@/api/ids";
import { onLive } from "@/api/live";
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

/** What is on its way to the server. */
const sending = new Map<string, string>();

/** The chats whose draft is kept on this device until the server takes it. */
const unsaved = new Set<string>();

/** What of it the server was not asked about yet: something may have been typed elsewhere since. */
const unjoined = new Map<string, KeptDraft>();

const NOTHING = { text: "", fileIds: [] as string[] };
const contentOf = ({ text, fileIds }: { text: string; fileIds: string[] }) => JSON.stringify([text, fileIds]);
const savedOf = (scope: string) => saved.get(scope) ?? contentOf(NOTHING);
const draftOf = (scope: string) => useDrafts.getState().byScope[scope];
/** It is on its way already, or waits for its turn. */
const isSent = (key?: string | null) => useOutbox.getState().turns.some((turn) => turn.key === key);
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
  if (unsent && !isSent(unsent.key)) {
    const { text, fileIds, files, before } = unsent;
    for (const [at, file] of files.entries()) if (file) knowFile(fileIds[at] ?? "", file);
    saved.set(scope, before);
    unsaved.add(scope);
    unjoined.set(scope, unsent);
    // a new key: elsewhere it may have been sent under the old one, and the server keeps no draft of a turn that it took
    put(scope, { text, fileIds, key: uuid7(), touched: true }); // and with that it goes to the server
    await joinDraft(scope, unsent);
    return;
  }
  const { text, file_ids: fileIds, files = [], key } = await getDraft(scope);
  for (const file of files) knowFile(file.id, file);
  if (draftOf(scope)?.touched) return;
  saved.set(scope, contentOf({ text, fileIds }));
  const sent = isSent(key);
  put(scope, { ...(sent ? NOTHING : { text, fileIds }), key: key && !sent ? key : uuid7(), touched: false });
}

/** What was typed elsewhere since is not written over: what was typed here goes below it. */
async function joinDraft(scope: string, unsent: KeptDraft): Promise<void> {
  const { text, file_ids: fileIds, files = [], key } = await getDraft(scope);
  if (unjoined.get(scope) !== unsent) return; // done meanwhile
  unjoined.delete(scope);
  if (isSent(key)) return;
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
  const unsent = unjoined.get(scope);
  if (unsent) {
    keep(scope);
    if (!last)
      joinDraft(scope, unsent).then(
        () => saveDraft(scope),
        () => undefined, // tried again with the next key press, and when the server is back
      );
    return;
  }
  const now = contentOf(draft);
  const underWay = sending.get(scope);
  if (now === (underWay ?? savedOf(scope))) {
    if (underWay === undefined) forget(scope);
    return;
  }
  const { text, fileIds, key } = draft;
  const isNewest = () => contentOf(draftOf(scope) ?? NOTHING) === now;
  if (isDown()) keep(scope); // there may never be an answer
  sending.set(scope, now);
  putDraft(scope, { text, file_ids: fileIds, key }, last).then(
    (kept) => {
      const isTaken = kept.key !== key && now !== contentOf(NOTHING);
      if (sending.has(scope) && !isTaken) saved.set(scope, now); // else a newer one is there already
      if (sending.get(scope) === now) sending.delete(scope);
      const newest = draftOf(scope);
      if (isTaken && newest?.key === key) {
        put(scope, { ...newest, key: uuid7() }); // sent elsewhere; what was typed on here is of another turn
        saveDraft(scope);
      } else if (isNewest()) forget(scope);
    },
    () => {
      if (sending.get(scope) === now) sending.delete(scope); // tried again with the next key press, or when the server is back
      if (isNewest()) keep(scope);
    },
  );
}

function unsentOf(scope: string, { text, fileIds, key }: TypedDraft): KeptDraft {
  return { text, fileIds, files: fileIds.map(knownFile), key, before: savedOf(scope) };
}

/** Keeps it on this device, for when the server cannot be reached. */
function keep(scope: string): void {
  unsaved.add(scope);
  keepDraft(scope, unsentOf(scope, draftOf(scope) ?? blank()));
}

/** The server has it. */
function forget(scope: string): void {
  if (unsaved.delete(scope)) keepDraft(scope, null);
}

onLive(({ type }) => {
  if (type !== "hello") return;
  for (const scope of unsaved) {
    const draft = draftOf(scope);
    // meanwhile another device may have written
    if (draft && !unjoined.has(scope)) unjoined.set(scope, unsentOf(scope, draft));
    saveDraft(scope);
  }
});

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
  unjoined.delete(scope);
  sending.delete(scope);
  forget(scope);
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
