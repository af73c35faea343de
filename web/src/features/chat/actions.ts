/** What one does in a chat: send, answer again, continue, edit, stop. Each starts a run or changes the tree. */
import { isSignedOut } from "@/api/errors";
import { knownFile } from "@/api/files";
import { uuid7 } from "@/api/ids";
import { type AskedTurn, isSending, keepTurn, useOutbox } from "@/api/outbox";
import { queryClient } from "@/api/query-client";
import { patchThread, placeThread, threadQuery } from "@/api/threads";
import { stopGeneration } from "@/api/turns";
import type { FirstTurn, Message, Parameters, Part, PartInput, ReasoningEffort, TurnNew } from "@/api/types";
import { restoreDraft } from "./composer/drafts";
import { focusMessage, focusNewAnswer, focusWriting } from "./focus";
import { useChat } from "./state";
import { attach, generationsIn, isRunning, runTurn, setStopping } from "./stream/runs";
import { isCompared, leafUnder, pathTo, siblingsOf } from "./tree";

interface SendOptions {
  /** The key of the draft that is sent. */
  key?: string;
  threadId: string;
  parentId: string | null;
  parts: PartInput[];
  model: string;
  /** Models that answer the same, beside `model`. */
  compare?: string[];
  /** The chat goes on with this model, and `model` answers this message alone. */
  onward?: string;
  effort: ReasoningEffort | null;
  /** The thread is made with this message. */
  first?: FirstTurn;
}

function askedFor({
  key = uuid7(),
  threadId,
  parentId,
  parts,
  model,
  compare = [],
  onward,
  effort,
  first,
}: SendOptions): AskedTurn {
  const turn = {
    kind: "send" as const,
    parent_id: parentId,
    parts,
    model,
    compare,
    onward,
    reasoning_effort: effort,
    first,
  };
  return { key, threadId, turn, waiting: false };
}

/** One's own message as it is shown until the server has it. */
function pendingMessage({ threadId, turn }: AskedTurn): Message | null {
  if (turn.kind !== "send") return null;
  return {
    id: "pending",
    thread_id: threadId,
    parent_id: turn.parent_id,
    role: "user",
    status: "complete",
    parts: turn.parts.map(shownPart),
    pinned: false,
    created_at: new Date().toISOString(),
  };
}

function shownPart(part: PartInput): Part {
  if (part.type === "text") return part;
  const file = knownFile(part.file_id) ?? { name: "", media_type: "", size_bytes: 0 };
  return { ...part, ...file };
}

/** Takes the turn, follows the answer, then what waits behind it. Rejects when the server did not take it. */
async function run(asked: AskedTurn, onTaken?: () => void): Promise<void> {
  const { threadId, turn } = asked;
  let final: Message | null;
  if (switching) {
    // the server must hear of a branch before what is said on it, and of settings before what is answered with them
    keepTurn(asked);
    await switching;
  }
  try {
    final = await runTurn(asked, pendingMessage(asked), (rivals) => {
      for (const rival of rivals) if (rival.generation_id) void follow(rival).catch(() => undefined);
      onTaken?.();
    });
  } catch (error) {
    // whoever must sign in first finds it sent afterwards
    if (turn.kind === "send" && !isSignedOut(error)) restoreDraft(turn.first ? "new" : threadId, turn.parts);
    throw error;
  }
  await settle(threadId, final);
}

/** What is sent is in the outbox before this returns. */
export function send(options: SendOptions): Promise<void> {
  return run(askedFor(options));
}

const ask = (threadId: string, turn: TurnNew) => run({ key: uuid7(), threadId, turn, waiting: false });

/**
 * `consent`: classes of data that may leave the house from this chat. Of answers side by side, one that is written again
 * keeps its place instead of standing beside itself.
 */
export function regenerate(message: Message, model?: string, consent?: string[]): Promise<void> {
  focusNewAnswer(message.role === "user" ? message.id : message.parent_id);
  const { messages = [], thread } = queryClient.getQueryData(threadQuery(message.thread_id).queryKey) ?? {};
  const replace =
    message.role === "assistant" && isCompared(message, siblingsOf(messages, message), thread?.choices);
  return ask(message.thread_id, { kind: "regenerate", message_id: message.id, model, consent, replace });
}

/** A new answer in the place of this one, which is deleted with what follows it on the server. */
export async function replaceAnswer(message: Message): Promise<void> {
  focusNewAnswer(message.parent_id);
  await ask(message.thread_id, { kind: "regenerate", message_id: message.id, replace: true });
}

export function continueAnswer(message: Message): Promise<void> {
  focusWriting(message.id);
  return ask(message.thread_id, { kind: "continue", message_id: message.id });
}

/** Follows an answer that is being written already, then what waits behind it. */
export async function follow(message: Message): Promise<void> {
  await settle(message.thread_id, await attach(message));
}

/**
 * After an answer: what waited is sent next, unless the answer failed or stands beside others; then it goes on waiting
 * for a person to look.
 */
async function settle(threadId: string, final: Message | null): Promise<void> {
  if (!final || final.status === "failed") return;
  const { messages = [], thread } = queryClient.getQueryData(threadQuery(threadId).queryKey) ?? {};
  if (isCompared(final, siblingsOf(messages, final), thread?.choices)) return;
  await sendWaiting(threadId, final.id);
}

/** Sends when the present answer has ended. */
export function sendLater(options: SendOptions): void {
  keepTurn({ ...askedFor(options), waiting: true });
}

export async function sendWaiting(threadId: string, parentId: string | null): Promise<void> {
  const next = useOutbox.getState().turns.find((item) => item.waiting && item.threadId === threadId);
  if (next?.turn.kind !== "send" || isRunning(threadId)) return;
  await run({ ...next, turn: { ...next.turn, parent_id: parentId }, waiting: false });
}

/** After a reload: what the server may not have taken is sent again, what waits goes on waiting. */
export function resumeTurns(onFailure: (threadId: string) => (error: unknown) => void): void {
  const { turns } = useOutbox.getState();
  const sending = turns.filter((item) => !item.waiting && !isRunning(item.threadId));
  for (const asked of sending) resume(asked).catch(onFailure(asked.threadId));
  const waiting = new Set(turns.filter((item) => item.waiting).map((item) => item.threadId));
  for (const threadId of waiting)
    if (!isSending(threadId)) resumeWaiting(threadId).catch(onFailure(threadId));
}

async function resume(asked: AskedTurn): Promise<void> {
  const query = threadQuery(asked.threadId);
  // what the page shows must not be older than the turn; whether the thread is there is for the turn to find out
  await queryClient.ensureQueryData(query).catch(() => undefined);
  // the thread may have gone on since
  await run(asked, () => void queryClient.invalidateQueries(query));
}

async function resumeWaiting(threadId: string): Promise<void> {
  const { thread, messages } = await queryClient.ensureQueryData(threadQuery(threadId));
  const last = pathTo(messages, thread.leaf_id, thread.choices).at(-1);
  if (last?.status === "streaming") await follow(last);
  else await settle(threadId, last ?? null);
}

/** Stops writing and keeps the text. Before the server told the generation's id there is nothing to stop yet. */
export async function stop(threadId: string): Promise<void> {
  await Promise.all(generationsIn(threadId).map(stopOne));
}

/** Stops one of the answers that are being written. */
export async function stopOne(generationId: string): Promise<void> {
  setStopping(generationId);
  await stopGeneration(generationId);
}

/** Of the answers that stand side by side, this one is gone on from; the others stay as branches. */
export async function keepAnswer(message: Message): Promise<void> {
  const { id, thread_id: threadId, parent_id: parentId, run: facts } = message;
  const cached = queryClient.getQueryData(threadQuery(threadId).queryKey);
  if (cached && parentId) {
    const { thread } = cached;
    placeThread({ ...thread, leaf_id: id, choices: { ...thread.choices, [parentId]: id } });
  }
  focusMessage(id, "more");
  const model = facts?.alias ?? facts?.model;
  if (model) useChat.getState().chooseModel(threadId, model);
  await patchThread(threadId, { leaf_id: id, model });
  if (message.status !== "failed") await sendWaiting(threadId, id);
}

/** Settles when the server has heard of the last branch and the last settings that were chosen. */
let switching: Promise<unknown> | null = null;

function beforeNext(told: Promise<void>): Promise<void> {
  const settled: Promise<unknown> = Promise.allSettled([switching, told]).then(() => {
    if (switching === settled) switching = null;
  });
  switching = settled;
  return told;
}

/** What the chat sets of its model from its next answer on. */
export function changeParameters(threadId: string, parameters: Parameters): Promise<void> {
  return beforeNext(patchThread(threadId, { parameters }));
}

/** Shows the branch that goes through `messageId`. */
export async function showBranch(threadId: string, messageId: string): Promise<void> {
  const { messages = [], thread } = queryClient.getQueryData(threadQuery(threadId).queryKey) ?? {};
  const leaf_id = leafUnder(messages, messageId, thread?.choices, true);
  await beforeNext(patchThread(threadId, { leaf_id }));
}
