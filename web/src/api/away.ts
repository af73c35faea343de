/**
 * Reading while the server is away. Whoever wants it has chats kept on this device, and what is kept stands in for answers that do
 * not come; an answer of the server always wins. This is the little of it that every page needs, `kept.ts` does the work.
 */
import type { QueryKey } from "@tanstack/react-query";
import { ApiError, NotKept, StorageFailed, Unreachable } from "./errors";
import type { KnownFile } from "./files";
import { queryClient, RETRIES } from "./query-client";
import type { Bootstrap, Me, Thread } from "./types";

/** Whose chats this browser holds at the moment: an id in localStorage, so that it is known before the first request. */
const OWNER = "freehold.kept";
/** Instead of an id: an erase has begun and is not at its end. */
export const NOBODY = "-";

/** How long the first page waits for the server before it shows what is kept, and how long others do when it is away. */
const PATIENCE_MS = { unknown: 5_000, down: 1_500 };

/** What the live connection says of the server. */
let line: keyof typeof PATIENCE_MS | "up" = "unknown";

/** What is shown instead of an answer of the server, by its key. */
const standIns = new Set<string>();

export const keyOf = (key: QueryKey) => JSON.stringify(key);
export const ownerOfKept = () => localStorage.getItem(OWNER);
export const noteOwner = (id: string | null) =>
  id ? localStorage.setItem(OWNER, id) : localStorage.removeItem(OWNER);

export function setLine(up: boolean): void {
  line = up ? "up" : "down";
}

export const isDown = () => line === "down";

/** Something on the page is from this device, and is to be asked for again when the server is back. */
export const showsKept = () => standIns.size > 0;

export const isStandIn = (key: string) => standIns.has(key);

const choiceOf = (userId: string) => `freehold.keep.${userId}`;

/** Whether this person wants chats kept on this device. Off unless it was turned on here. */
export const wantsKeeping = (userId: string) => localStorage.getItem(choiceOf(userId)) === "on";

const kept = () => import("./kept");

/**
 * What the server answers; when it is away, what is kept under the key. An answer that comes after that takes its place on the page,
 * in the form that `inCache` gives it.
 */
export async function orKept<T extends object>(
  key: QueryKey,
  load: () => Promise<T>,
  inCache: (answer: T) => unknown = (answer) => answer,
): Promise<T> {
  if (!ownerOfKept()) return load();
  const name = keyOf(key);
  let answered = false;
  const answer = load().then(
    (found) => {
      answered = true;
      if (standIns.delete(name)) queryClient.setQueryData(key, inCache(found));
      return found;
    },
    (error: unknown) => {
      answered = !isAway(error);
      if (error instanceof ApiError && !error.problem.retryable) refused(key, error);
      throw error;
    },
  );
  try {
    return await inTime(answer);
  } catch (error) {
    if (!isAway(error) || passes(key)) throw error;
    const found = await kept()
      .then(({ read }) => read<T>(name))
      .catch(() => undefined); // not even the code for it is here, or the storage is broken
    if (answered || passes(key)) return answer; // it came while that was read, or will
    if (!found && !ownerOfKept()) throw error;
    standIns.add(name);
    if (!found) throw new NotKept(error);
    return found;
  }
}

/** The answer, unless it lets wait for itself too long; with the server there, no time is too long. */
function inTime<T>(answer: Promise<T>): Promise<T> {
  if (line === "up") return answer;
  const patience = PATIENCE_MS[line];
  const late = new Promise<never>((_resolve, reject) => {
    window.setTimeout(() => {
      if (line !== "up") reject(new Unreachable("no answer in time"));
    }, patience);
  });
  return Promise.race([answer, late]);
}

/** The server is there, so a failure passes: it is asked again, and nothing that is shown gives way to what is kept. */
function passes(key: QueryKey): boolean {
  if (line !== "up") return false;
  const { data, fetchFailureCount = 0 } = queryClient.getQueryState(key) ?? {};
  return data !== undefined || fetchFailureCount < RETRIES;
}

/** The server gives something else than what is shown from this device. */
function refused(key: QueryKey, error: ApiError): void {
  const name = keyOf(key);
  if (error.status === 404)
    void kept()
      .then(({ forget }) => forget(name))
      .catch(() => undefined);
  if (!standIns.delete(name)) return;
  const query = queryClient.getQueryCache().find({ queryKey: key });
  query?.setState({ data: undefined, status: "error", error });
}

/** What nobody looks at is asked for when it is needed again; until then it is not here. */
export function dropUnseen(): void {
  for (const name of standIns) {
    const queryKey = JSON.parse(name) as QueryKey;
    if (queryClient.getQueryCache().find({ queryKey })?.isActive()) continue;
    queryClient.removeQueries({ queryKey, exact: true });
    standIns.delete(name);
  }
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
  void kept()
    .then(({ settle }) => settle(wanted))
    .catch(() => undefined); // the next page tries again
}

/** Keeps for this person, or for nobody. */
async function settle(wanted: string | null): Promise<void> {
  try {
    await (await kept()).settle(wanted);
  } catch (error) {
    throw new StorageFailed(error);
  }
}

/** Turned on or off on this device. */
export async function chooseKeeping({ id }: Me, on: boolean): Promise<void> {
  if (on) localStorage.setItem(choiceOf(id), "on");
  else localStorage.removeItem(choiceOf(id));
  try {
    await settle(on ? id : null);
  } catch (error) {
    localStorage.removeItem(choiceOf(id));
    throw error;
  }
}

export const measureKept = async () => (await kept()).measure();

/** Nothing stays, and nothing is kept anew before the server has said again who is signed in. */
export async function eraseKept(): Promise<void> {
  if (ownerOfKept()) await settle(null);
}

/** A chat that passes, and one that is kept in the house, title and all, are never copied to a device. */
export function mayKeep({ state, in_house: inHouse }: Thread): boolean {
  return !inHouse && (state === "active" || state === "archived");
}

/** What was typed in a chat and the server does not have. */
export interface KeptDraft {
  text: string;
  fileIds: string[];
  /** What is known of each file. */
  files: (KnownFile | undefined)[];
  key: string;
  /** What the server had, as far as the tab knew. */
  before: string;
}

/** Keeps it on this device where one wants that, or forgets it. */
export function keepDraft(scope: string, draft: KeptDraft | null): void {
  if (!ownerOfKept()) return;
  void kept()
    .then((module) => module.keepDraft(scope, draft))
    .catch(() => undefined);
}

export async function keptDraft(scope: string): Promise<KeptDraft | undefined> {
  if (!ownerOfKept()) return undefined;
  return kept()
    .then((module) => module.readDraft(scope))
    .catch(() => undefined);
}

/** A chat is gone, or may not be kept any more. */
export function forgetThread(id: string): void {
  if (!ownerOfKept()) return;
  void kept()
    .then((module) => module.forgetThread(id))
    .catch(() => undefined);
}
