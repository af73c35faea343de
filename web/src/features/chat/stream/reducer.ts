/** What one generation has told so far, from its log of events. Pure: the same events give the same state. */
import type { LoggedEvent } from "@/api/turns";
import type { Generation, Message, Part, Run, Stage } from "@/api/types";

export interface TailState {
  generation: Generation | null;
  messageId: string | null;
  parts: Part[];
  run: Run | null;
  stage: Stage | null;
  /** 0 to 1, when the stage knows. */
  progress: number | null;
  /** In the queue of a busy server; 1 is the next. */
  position: number | null;
  /** Sequence number of the last event that is in this state. */
  cursor: number;
  /** When the present reasoning began, in milliseconds of the caller's clock. */
  thinkingSince: number | null;
  /** The message as saved, once it ended. */
  final: Message | null;
}

export const emptyTail: TailState = {
  generation: null,
  messageId: null,
  parts: [],
  run: null,
  stage: null,
  progress: null,
  position: null,
  cursor: 0,
  thinkingSince: null,
  final: null,
};

/** An event is missing between the cursor and this one; attach again from the cursor. */
export class LogGap extends Error {
  constructor(cursor: number, seq: number) {
    super(`Event ${seq} came after ${cursor}.`);
    this.name = "LogGap";
  }
}

/** The state after one more event. What is known already changes nothing. Throws LogGap. */
export function reduceTail(state: TailState, { seq, event }: LoggedEvent, now: number): TailState {
  if (event.type === "start") {
    return {
      ...state,
      generation: event.generation,
      messageId: event.message.id,
      run: state.run ?? event.message.run ?? null,
      // on a later attach the parts are those this state holds already
      parts: state.cursor === 0 ? event.message.parts : state.parts,
    };
  }
  if (seq !== null) {
    if (seq <= state.cursor) return state;
    if (seq > state.cursor + 1) throw new LogGap(state.cursor, seq);
  }
  const next = { ...state, cursor: seq ?? state.cursor };
  switch (event.type) {
    case "run":
      return { ...next, run: event.run };
    case "stage":
      return {
        ...next,
        stage: event.stage,
        progress: event.progress ?? null,
        position: event.position ?? null,
      };
    case "reasoning":
      return {
        ...next,
        parts: append(state.parts, "reasoning", event.delta),
        stage: "thinking",
        thinkingSince: state.thinkingSince ?? now,
      };
    case "text":
      return {
        ...next,
        parts: append(closeReasoning(state, now), "text", event.delta),
        stage: "writing",
        thinkingSince: null,
      };
    case "image":
      return { ...next, parts: [...closeReasoning(state, now), event.part], thinkingSince: null };
    case "finish":
      return {
        ...next,
        final: event.message,
        parts: event.message.parts,
        run: event.message.run ?? next.run,
      };
    default:
      return next; // an event of a newer server
  }
}

function append(parts: Part[], type: "text" | "reasoning", delta: string): Part[] {
  const last = parts.at(-1);
  const open = last?.type === type && !(last.type === "reasoning" && last.seconds != null);
  if (open) return [...parts.slice(0, -1), { ...last, text: last.text + delta }];
  return [
    ...parts,
    type === "text" ? { type, text: delta } : { type, text: delta, seconds: null, signature: null },
  ];
}

/** Writing begins, so thinking took until now. */
function closeReasoning({ parts, thinkingSince }: TailState, now: number): Part[] {
  const last = parts.at(-1);
  if (last?.type !== "reasoning" || thinkingSince === null) return parts;
  return [...parts.slice(0, -1), { ...last, seconds: (now - thinkingSince) / 1000 }];
}

/** Characters in all parts: how far a state is along. */
export function lengthOf(parts: Part[]): number {
  return parts.reduce((sum, part) => sum + ("text" in part ? part.text.length : 1), 0);
}
