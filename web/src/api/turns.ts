/** Turns and their streams: the only raw fetches of the app, because an event stream is not JSON. */
import { api, body } from "./client";
import { problemOf, Unreachable } from "./errors";
import { readEvents } from "./sse";
import type { Language, Message, StreamEvent, TranslationEvent, TurnNew } from "./types";

/** One event of a generation's log; `seq` is the cursor, null on the first frame of an attach. */
export interface LoggedEvent {
  seq: number | null;
  event: StreamEvent;
}

async function open(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: { Accept: "text/event-stream", ...init.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable(error);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function* logged(response: Response): AsyncGenerator<LoggedEvent[]> {
  for await (const batch of readEvents(response)) {
    yield batch.map(({ id, data }) => ({ seq: id, event: JSON.parse(data) as StreamEvent }));
  }
}

/** Starts a turn, or with a key that was used before, attaches to the turn it started. */
export async function* postTurn(
  threadId: string,
  turn: TurnNew,
  key: string,
  signal: AbortSignal,
): AsyncGenerator<LoggedEvent[]> {
  yield* logged(await open(addressOf(threadId), { ...requestOf(turn, key), signal }));
}

const addressOf = (threadId: string) => `/api/threads/${threadId}/turns`;

function requestOf(turn: TurnNew, key: string): RequestInit {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify(turn),
  };
}

/** The same once more while the page goes away. Nobody reads the answer; a long turn cannot go this way (64 KiB). */
export function repeatTurn(threadId: string, turn: TurnNew, key: string): void {
  fetch(addressOf(threadId), { ...requestOf(turn, key), keepalive: true }).catch(() => undefined);
}

/** The events of a generation after `cursor`, then those to come. */
export async function* tailGeneration(
  id: string,
  cursor: number,
  signal: AbortSignal,
): AsyncGenerator<LoggedEvent[]> {
  yield* logged(await open(`/api/generations/${id}/stream?cursor=${cursor}`, { signal }));
}

/** Stops writing; what was written stays. */
export function stopGeneration(id: string): Promise<Message> {
  return body(api.POST("/api/generations/{generation_id}/stop", { params: { path: { generation_id: id } } }));
}

/** Translates a message; leaving ends it on the server, too. */
export async function* translateMessage(
  id: string,
  language: Language,
  signal: AbortSignal,
): AsyncGenerator<TranslationEvent> {
  const headers = { "Content-Type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify({ language }), signal };
  for await (const batch of readEvents(await open(`/api/messages/${id}/translation`, init)))
    for (const { data } of batch) yield JSON.parse(data) as TranslationEvent;
}
