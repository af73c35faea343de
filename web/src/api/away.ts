/**
 * Reading while the server is away. Whoever wants it has chats kept on this device, and what is kept stands in for answers that do
 * not come; an answer of the server always wins. This is the little of it that every page needs, `kept.ts` does the work.
 */
import type { QueryKey } from "@tanstack/react-query";
import { ApiError, NotKept, Unreachable } from "./errors";
import type { Bootstrap, Me, Thread } from "./types";

/** Whose chats this browser holds at the moment: an id in localStorage, so that it is known before the first request. */
const OWNER = "freehold.kept";

/** How long the first page waits for the server before it shows what is kept, and how long others do when it is away. */
const PATIENCE_MS = { unknown: 5_000, up: Number.POSITIVE_INFINITY, down: 1_500 };

/** What the live connection says of the server. */
let line: keyof typeof PATIENCE_MS = "unknown";

/** What is shown instead of an answer of the server, by its key. */
const standIns = new Set<string>();

export const keyOf = (key: QueryKey) => JSON.stringify(key);
export const ownerOfKept = () => localStorage.getItem(OWNER);
export const noteOwner = (id: string | null) =>
  id ? localStorage.setItem(OWNER, id) : localStorage.removeItem(OWNER);

export function setLine(up: boolean): void {
  line = up ? "up" : "down";
}

/** Something on the page is from this device, and is to be asked for again when the server is back. */
export const showsKept = () => standIns.size > 0;

export const isStandIn = (key: string) => standIns.has(key);

const choiceOf = (userId: string) => `freehold.keep.${userId}`;

/** Whether this person wants chats kept on this device. Off unless it was turned on here. */
export const wantsKeeping = (userId: string) => localStorage.getItem(choiceOf(userId)) === "on";

const kept = () => import("./kept");

/** What the server answers; when it is away, what is kept under the key. */
export async function orKept<T extends object>(key: QueryKey, load: () => Promise<T>): Promise<T> {
  if (!ownerOfKept()) return load();
  const name = keyOf(key);
  try {
    const answer = await within(PATIENCE_MS[line], load());
    standIns.delete(name);
    return answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) void kept().then(({ forget }) => forget(name));
    if (!isAway(error)) throw error;
    const found = await kept().then(
      ({ read }) => read<T>(name),
      () => undefined, // not even the code for it is here
    );
    if (!found) throw ownerOfKept() ? new NotKept(error) : error;
    standIns.add(name);
    return found;
  }
}

function within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  if (!Number.isFinite(milliseconds)) return answer;
  const late = new Promise<never>((_resolve, reject) =>
    setTimeout(() => reject(new Unreachable("no answer in time")), milliseconds),
  );
  return Promise.race([answer, late]);
}

/** Nobody answered, or a proxy did with a page of its own. */
function isAway(error: unknown): boolean {
  if (!(error instanceof ApiError)) return error instanceof Unreachable;
  return error.code === "internal_error" && [502, 503, 504].includes(error.status);
}

/** This page has begun to keep things, perhaps just while another tab erased them: then it erases them once more. */
let began = false;

/** The server has said who is signed in: what is kept of anybody else goes, and this person's is kept on. */
export function keepFor({ me }: Bootstrap): void {
  const owner = ownerOfKept();
  const wanted = me && wantsKeeping(me.id) ? me.id : null;
  if (!owner && !wanted && !began) return;
  began = true;
  void kept().then(({ settle }) => settle(wanted));
}

/** Turned on or off on this device. */
export async function chooseKeeping({ id }: Me, on: boolean): Promise<void> {
  if (on) localStorage.setItem(choiceOf(id), "on");
  else localStorage.removeItem(choiceOf(id));
  await (await kept()).settle(on ? id : null);
}

export const measureKept = async () => (await kept()).measure();

/** Nothing stays, and nothing is kept anew before the server has said again who is signed in. */
export async function eraseKept(): Promise<void> {
  if (ownerOfKept()) await (await kept()).settle(null);
}

/** A chat that passes, and one that is kept in the house, title and all, are never copied to a device. */
export function mayKeep({ state, in_house: inHouse }: Thread): boolean {
  return !inHouse && (state === "active" || state === "archived");
}

/** A chat is gone, or may not be kept any more. */
export function forgetThread(id: string): void {
  if (ownerOfKept()) void kept().then((module) => module.forgetThread(id));
}
