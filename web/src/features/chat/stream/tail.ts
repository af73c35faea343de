/** Follows one generation to its end: over lost connections, from the cursor, with nothing lost or repeated. */
import { ApiError, Unreachable } from "@/api/errors";
import { backoff, onLive } from "@/api/live";
import { type LoggedEvent, tailGeneration } from "@/api/turns";
import { emptyTail, LogGap, reduceTail, type TailState } from "./reducer";

type Batches = AsyncGenerator<LoggedEvent[]>;

interface FollowOptions {
  /** Opens the stream when the generation's id is not known yet: posts the turn, again with the same key. */
  begin?: () => Batches;
  /** A generation that runs already. */
  generationId?: string;
  signal: AbortSignal;
  onState: (state: TailState) => void;
  /** Hears every event as it comes, before the state with it. */
  onEvent: (event: LoggedEvent) => void;
}

/** Resolves with the last state, which has `final` unless `signal` ended it. Throws ApiError when the server refuses. */
export async function follow(options: FollowOptions): Promise<TailState> {
  const { signal } = options;
  let state = emptyTail;
  let failures = 0;
  const onState = (next: TailState) => {
    failures = 0;
    state = next;
    options.onState(next);
  };
  while (!signal.aborted && !state.final) {
    try {
      await attachOnce(state, { ...options, onState });
      // without a finish the server is going down, or a proxy cut the line
    } catch (error) {
      if (!signal.aborted && !isPassing(error)) throw error;
    }
    if (state.final || signal.aborted) break;
    await pause(failures, signal);
    failures += 1;
  }
  return state;
}

/** One connection: from the cursor of `from` until it breaks or the generation ended. */
async function attachOnce(
  from: TailState,
  { begin, generationId, signal, onState, onEvent }: FollowOptions,
): Promise<void> {
  const id = from.generation?.id ?? generationId;
  const batches = id ? tailGeneration(id, from.cursor, signal) : begin?.();
  if (!batches) throw new Error("follow needs a generation or a way to begin one");
  let state = from;
  for await (const batch of batches) {
    for (const event of batch) {
      state = reduceTail(state, event, performance.now());
      onEvent(event);
    }
    onState(state);
    if (state.final) return;
  }
}

/** Failures after which another attach may go well. */
function isPassing(error: unknown): boolean {
  if (error instanceof Unreachable || error instanceof LogGap || error instanceof TypeError) return true;
  return error instanceof ApiError && (error.problem.retryable || error.status >= 502);
}

/** Waits longer after each failure, but no longer than until the network or the live connection is back. */
function pause(failures: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      window.clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      unhear();
      resolve();
    };
    const timer = window.setTimeout(done, backoff(failures) / 2);
    const unhear = onLive((event) => event.type === "hello" && done());
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
