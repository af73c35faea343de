/** What one does in a chat: send, answer again, continue, edit, stop. Each starts a run or changes the tree. */
import { isSignedOut } from "@/api/errors";
import { uuid7 } from "@/api/ids";
import { type AskedTurn, isSending, keepTurn, useOutbox } from "@/api/outbox";
import { queryClient } from "@/api/query-client";
import { patchThread, threadQuery } from "@/api/threads";
import { stopGeneration } from "@/api/turns";
import type { Message, Part, PartInput, ReasoningEffort, TurnNew } from "@/api/types";
import { restoreDraft } from "./composer/drafts";
import { attach, isRunning, runTurn, setStopping, useRuns } from "./stream/runs";
import { leafUnder, pathTo } from "./tree";

interface SendOptions {
  /** The key of the draft that is sent. */
  key?: string;
  threadId: string;
  parentId: string | null;
  parts: PartInput[];
  model: string;
  effort: ReasoningEffort | null;
  /** The thread is made with this message. */
  first?: { project_id?: string };
}

function askedFor({
  key = uuid7(),
  threadId,
  parentId,
  parts,
  model,
  effort,
  first,
}: SendOptions): AskedTurn {
  const turn = { kind: "send" as const, parent_id: parentId, parts, model, reasoning_effort: effort, first };
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
    parts: turn.parts.map(
      (part): Part => (part.type === "text" ? part : { ...part, name: "", media_type: "" }),
    ),
    created_at: new Date().toISOString(),
  };
}

/** Takes the turn, follows the answer, then what waits behind it. Rejects when the server did not take it. */
async function run(asked: AskedTurn, onTaken?: () => void): Promise<void> {
  const { threadId, turn } = asked;
  let final: Message | null;
  try {
    final = await runTurn(asked, pendingMessage(asked), onTaken);
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

export function regenerate(message: Message, model?: string): Promise<void> {
  return ask(message.thread_id, { kind: "regenerate", message_id: message.id, model });
}

export function continueAnswer(message: Message): Promise<void> {
  return ask(message.thread_id, { kind: "continue", message_id: message.id });
}

/** Follows an answer that is being written already, then what waits behind it. */
export async function follow(message: Message): Promise<void> {
  await settle(message.thread_id, await attach(message));
}

/** After an answer: what waited is sent next, unless the answer failed; then it goes on waiting for a person to look. */
async function settle(threadId: string, final: Message | null): Promise<void> {
  if (final && final.status !== "failed") await sendWaiting(threadId, final.id);
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
  const last = pathTo(messages, thread.leaf_id).at(-1);
  if (last?.status === "streaming") await follow(last);
  else await settle(threadId, last ?? null);
}

/** Stops writing and keeps the text. Before the server told the generation's id there is nothing to stop yet. */
export async function stop(threadId: string): Promise<void> {
  const id = useRuns.getState().byThread[threadId]?.tail.generation?.id;
  if (!id) return;
  setStopping(threadId);
  await stopGeneration(id);
}

/** Shows the branch that goes through `messageId`. */
export async function showBranch(threadId: string, messageId: string): Promise<void> {
  const messages = queryClient.getQueryData(threadQuery(threadId).queryKey)?.messages ?? [];
  await patchThread(threadId, { leaf_id: leafUnder(messages, messageId) });
}
