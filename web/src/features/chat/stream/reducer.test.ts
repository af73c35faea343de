import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "@/api/turns";
import type { Message, StreamEvent } from "@/api/types";
import { emptyTail, LogGap, lengthOf, reduceTail, type TailState } from "./reducer";

const message = (parts: Message["parts"] = []): Message => ({
  id: "m",
  thread_id: "t",
  parent_id: null,
  role: "assistant",
  status: "streaming",
  parts,
  pinned: false,
  created_at: "2026-01-01T00:00:00Z",
});
const start = (parts: Message["parts"] = []): LoggedEvent => ({
  seq: null,
  event: {
    type: "start",
    generation: { id: "g" },
    thread: {},
    message: message(parts),
  } as unknown as StreamEvent,
});
const text = (seq: number, delta: string): LoggedEvent => ({ seq, event: { type: "text", delta } });
const thought = (seq: number, delta: string): LoggedEvent => ({ seq, event: { type: "reasoning", delta } });
const finish = (seq: number, parts: Message["parts"]): LoggedEvent => ({
  seq,
  event: {
    type: "finish",
    message: { ...message(parts), status: "complete" },
    thread: {},
  } as unknown as StreamEvent,
});
const run = (events: LoggedEvent[], from: TailState = emptyTail) =>
  events.reduce((state, event, index) => reduceTail(state, event, index * 1000), from);
const words = (state: TailState) => state.parts.map((part) => ("text" in part ? part.text : "")).join("|");

describe("reduceTail", () => {
  it("joins deltas of one kind and starts a new part for another", () => {
    expect(words(run([start(), thought(1, "hm"), thought(2, "m"), text(3, "Yes"), text(4, ".")]))).toBe(
      "hmm|Yes.",
    );
  });
  it("says how long thinking took once writing begins", () => {
    const state = run([start(), thought(1, "a"), thought(2, "b"), text(3, "c")]);
    expect(state.parts[0]).toMatchObject({ type: "reasoning", seconds: 2 });
  });
  it("changes nothing by what it knows already", () => {
    const once = run([start(), text(1, "a"), text(2, "b")]);
    expect(run([text(1, "a"), text(2, "b")], once)).toEqual(once);
  });
  it("goes on from its cursor on a second attach, whatever the start says", () => {
    const cut = run([start(), text(1, "a"), text(2, "b")]);
    expect(words(run([start([]), text(2, "b"), text(3, "c")], cut))).toBe("abc");
  });
  it("keeps the text of a continued answer and appends to it", () => {
    expect(words(run([start([{ type: "text", text: "kept" }]), text(1, " on")]))).toBe("kept on");
  });
  it("takes the saved message as the truth at the end", () => {
    const state = run([start(), text(1, "a"), finish(2, [{ type: "text", text: "as saved" }])]);
    expect(state.final?.status).toBe("complete");
    expect(words(state)).toBe("as saved");
  });
  it("does not go over a missing event", () => {
    expect(() => run([start(), text(1, "a"), text(3, "c")])).toThrow(LogGap);
  });
  it("passes over events of a newer server and counts them", () => {
    const odd = { seq: 2, event: { type: "confetti" } as unknown as StreamEvent };
    expect(words(run([start(), text(1, "a"), odd, text(3, "b")]))).toBe("ab");
  });
  it("gives the same state however the log is cut into connections", () => {
    const log = [
      thought(1, "x"),
      text(2, "a"),
      text(3, "b"),
      text(4, "c"),
      finish(5, [{ type: "text", text: "abc" }]),
    ];
    const whole = run([start(), ...log]);
    for (let cut = 0; cut < log.length; cut += 1) {
      const first = run([start(), ...log.slice(0, cut)]);
      const second = run([start(), ...log.slice(Math.max(0, cut - 1))], first);
      expect(words(second)).toBe(words(whole));
      expect(second.cursor).toBe(5);
    }
  });
});

it("measures how far parts are along", () => expect(lengthOf([{ type: "text", text: "abc" }])).toBe(3));
