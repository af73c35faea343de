/**
 * Turns that were asked for and that the server has not taken yet, as far as this browser knows. They outlive the tab
 * and the server: each is sent again with the key it was sent with, which has no second effect. Each has its own place
 * in localStorage, so that tabs do not overwrite each other's.
 */
import { create } from "zustand";
import { timeOf } from "./ids";
import { placeNewThread } from "./threads";
import { repeatTurn } from "./turns";
import type { TurnNew } from "./types";

export interface AskedTurn {
  /** The Idempotency-Key, a UUIDv7: turns sort by the time at which they were asked for. */
  key: string;
  threadId: string;
  turn: TurnNew;
  /** It is sent when the present answer has ended, under that answer. */
  waiting: boolean;
}

export const useOutbox = create<{ turns: AskedTurn[] }>(() => ({ turns: [] }));

/** Where this person's turns are: what others ask for in the same browser is not for them. */
let place = "";

const LATELY_MS = 60_000;

/** Reads what an earlier visit left. Once per person; returns the thread that was begun a moment ago, if one was. */
export function openOutbox(userId: string): string | undefined {
  const mine = `freehold.turn.${userId}.`;
  if (place === mine) return undefined;
  place = mine;
  const turns = keysHere().map((name) => JSON.parse(localStorage.getItem(name) ?? "") as AskedTurn);
  useOutbox.setState({ turns });
  const begun = turns.filter(({ turn }) => turn.kind === "send" && turn.first);
  for (const { threadId, turn } of begun)
    if (turn.kind === "send") placeNewThread(threadId, turn.model, turn.first ?? {});
  return begun.findLast(({ key }) => Date.now() - timeOf(key) < LATELY_MS)?.threadId;
}

function keysHere(): string[] {
  return Object.keys(localStorage)
    .filter((name) => name.startsWith(place))
    .sort();
}

/** Adds the turn, or replaces the one with its key. */
export function keepTurn(asked: AskedTurn): void {
  remember(asked.key, asked);
  try {
    localStorage.setItem(place + asked.key, JSON.stringify(asked));
  } catch {
    // the storage is full: the turn lives as long as the tab
  }
}

/** The server has it, or will never take it. */
export function dropTurn(key: string): void {
  remember(key, null);
  localStorage.removeItem(place + key);
}

function remember(key: string, asked: AskedTurn | null): void {
  useOutbox.setState(({ turns }) => {
    const others = turns.filter((item) => item.key !== key);
    return { turns: asked ? [...others, asked].sort((a, b) => (a.key < b.key ? -1 : 1)) : others };
  });
}

/** On signing out: nothing of this person stays in the browser. */
export function emptyOutbox(): void {
  for (const name of keysHere()) localStorage.removeItem(name);
  place = "";
  useOutbox.setState({ turns: [] });
}

/** A turn in this thread is on its way to the server. */
export function isSending(threadId: string): boolean {
  return useOutbox.getState().turns.some((item) => item.threadId === threadId && !item.waiting);
}

/** The thread is being made, with its first message. */
export function isBeginning(threadId: string): boolean {
  return useOutbox
    .getState()
    .turns.some((item) => item.threadId === threadId && item.turn.kind === "send" && item.turn.first);
}

// another tab took or sent something
window.addEventListener("storage", ({ key: name, newValue }) => {
  if (!place || !name?.startsWith(place)) return;
  remember(name.slice(place.length), newValue ? (JSON.parse(newValue) as AskedTurn) : null);
});

// what may not have arrived goes once more, with a request that outlives the page
window.addEventListener("pagehide", () => {
  for (const { threadId, turn, key, waiting } of useOutbox.getState().turns)
    if (!waiting) repeatTurn(threadId, turn, key);
});
