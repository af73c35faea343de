/**
 * What this device keeps for reading while the server is away: the newest chats, those that were opened, and what the pages around
 * them need. All of it belongs to one person; it is erased when that person signs out or turns it off, when the server says that
 * somebody else or nobody is signed in, and when the server was not heard of for a week, as long as a session lasts.
 */
import type { InfiniteData, QueryKey } from "@tanstack/react-query";
import { type DBSchema, deleteDB, type IDBPTransaction, openDB } from "idb";
import { isStandIn, type KeptDraft, keyOf, mayKeep, NOBODY, noteOwner, ownerOfKept } from "./away";
import { api, body } from "./client";
import { onLive } from "./live";
import { projectsQuery } from "./projects";
import { queryClient } from "./query-client";
import { canKeep, dropShell, keepShell, lookForRelease } from "./release";
import { loadThread, type ThreadFilter, threadsQuery } from "./threads";
import type { Bootstrap, Thread, ThreadDetail, ThreadPage } from "./types";

const NAME = "freehold-kept";
/** Whose they were when this page first looked: whatever another tab does since, nothing of it is kept for somebody else. */
const atFirst = ownerOfKept();
/** How many chats of the list are kept without having been opened, and how many altogether. */
const NEWEST = 50;
const MOST = 200;
const PAGE = 200;
const LONGEST_MS = 7 * 24 * 3600 * 1000;
/** What changes together is written together. */
const WRITE_AFTER_MS = 300;
/** The page comes first. */
const SYNC_AFTER_MS = 2_000;

interface Row {
  key: string;
  json: string;
  bytes: number;
  /** Of a chat: when it was last opened here, or written in; the oldest go first. */
  at?: number;
  /** Of a chat: what the list says of it, to see whether it has changed. */
  about?: string;
}

interface Shape extends DBSchema {
  owner: { key: string; value: { id: string; heard: number } };
  rows: { key: string; value: Row; indexes: { at: number } };
}

type Work<T> = (transaction: IDBPTransaction<Shape, ["owner", "rows"], "readwrite">) => Promise<T>;

/** Who is signed in on this page, once the server has said so. */
let mine: string | null = null;
let stop = () => {};
const waiting = new Map<string, QueryKey>();
/** Chats that were deleted or locked since the page was opened. */
const gone = new Set<string>();
/** Chats and messages that changed elsewhere, in a way that the list does not tell. */
const touched = new Set<string>();
let timer = 0;

/** One transaction on what is kept, if there is anything. */
async function transact<T>(work: Work<T>, create = false): Promise<T | undefined> {
  const database = await openDB<Shape>(NAME, 1, {
    upgrade(made, _from, _to, transaction) {
      if (create) {
        made.createObjectStore("owner");
        made.createObjectStore("rows", { keyPath: "key" }).createIndex("at", "at");
      } else {
        transaction.done.catch(() => undefined);
        transaction.abort(); // it was erased meanwhile, and is not made again
      }
    },
  }).catch(() => null);
  if (!database) return undefined;
  try {
    const transaction = database.transaction(["owner", "rows"], "readwrite");
    const [result] = await Promise.all([work(transaction), transaction.done]);
    return result;
  } finally {
    database.close();
  }
}

/** Writes for one person alone: another tab may have erased everything, or somebody else signed in there. */
function write(work: Work<void>, who = mine): Promise<void> {
  return transact(async (transaction) => {
    const owner = await transaction.objectStore("owner").get(NAME);
    if (who && owner?.id === who) await work(transaction);
  });
}

let last: Promise<unknown> = Promise.resolve();

/** One after the other, also after one that failed. */
function inTurn(work: () => Promise<void>): Promise<void> {
  const done = last.catch(() => undefined).then(work);
  last = done;
  return done;
}

/** Keeps things for this person, or for nobody; what is anybody else's is erased. */
export const settle = (wanted: string | null) => inTurn(() => settleNow(canKeep() ? wanted : null));

async function settleNow(wanted: string | null): Promise<void> {
  if (!wanted || ownerOfKept() !== wanted) await erase();
  if (!wanted) return;
  noteOwner(wanted);
  await transact((transaction) => hear(transaction, wanted), true);
  if (mine === wanted) return;
  forgetMine();
  mine = wanted;
  stop = begin();
  // without the app's own files what is kept cannot be shown; the next page tries again
  await keepShell().catch(() => undefined);
}

/** The server has answered this person: what is kept stays another week. */
async function hear(transaction: Parameters<Work<void>>[0], id: string): Promise<void> {
  await transaction.objectStore("owner").put({ id, heard: Date.now() }, NAME);
}

/** Nothing more is written for the person of this page. */
function forgetMine(): void {
  mine = null;
  stop();
  stop = () => {};
  waiting.clear();
  touched.clear();
}

async function erase(): Promise<void> {
  forgetMine();
  noteOwner(NOBODY); // nothing of it is shown any more, and whoever comes next finishes this if it breaks off
  await transact(async (transaction) => {
    await Promise.all([transaction.objectStore("owner").clear(), transaction.objectStore("rows").clear()]);
  });
  await deleteDB(NAME);
  await dropShell();
  if (ownerOfKept() === NOBODY) noteOwner(null);
}

const isOver: Work<boolean> = async (transaction) => {
  const owner = await transaction.objectStore("owner").get(NAME);
  return !owner || owner.id !== ownerOfKept() || Date.now() - owner.heard > LONGEST_MS;
};

/** What is kept under a key. */
export async function read<T>(key: string): Promise<T | undefined> {
  const found = await transact(async (transaction) =>
    (await isOver(transaction)) ? "over" : transaction.objectStore("rows").get(key),
  );
  // the server may have answered meanwhile, and something new be kept
  if (found === "over")
    await inTurn(async () => {
      if ((await transact(isOver)) ?? true) await erase();
    });
  return found && found !== "over" ? (JSON.parse(found.json) as T) : undefined;
}

/** How much is kept. Nothing is a figure only after the first look at the server's chats. */
export async function measure(): Promise<{ chats: number; bytes: number }> {
  await last.catch(() => undefined);
  const found = await count();
  if (found.chats > 0 || !mine) return found;
  await synced.promise;
  return count();
}

async function count(): Promise<{ chats: number; bytes: number }> {
  const rows = (await transact(async (transaction) => transaction.objectStore("rows").getAll())) ?? [];
  return {
    chats: rows.filter(({ at }) => at !== undefined).length,
    bytes: rows.reduce((sum, row) => sum + row.bytes, 0),
  };
}

export async function forget(key: string): Promise<void> {
  waiting.delete(key);
  await write((transaction) => transaction.objectStore("rows").delete(key));
}

const draftKey = (scope: string) => keyOf(["draft", scope]);

/** Keeps what is typed in a chat that may be kept; null when the server has it. Also while nobody said who is signed in. */
export async function keepDraft(scope: string, draft: KeptDraft | null): Promise<void> {
  const thread = queryClient.getQueryData<ThreadDetail>(["thread", scope])?.thread;
  const row = draft && thread && mayKeep(thread) && !gone.has(scope) ? rowOf(draftKey(scope), draft) : null;
  await write(async (transaction) => {
    const store = transaction.objectStore("rows");
    await (row ? store.put(row) : store.delete(draftKey(scope)));
  }, mine ?? atFirst);
}

export const readDraft = (scope: string) => read<KeptDraft>(draftKey(scope));

const lists = () => IDBKeyRange.bound('["threads"', '["threads"~');
const drafts = () => IDBKeyRange.bound('["draft"', '["draft"~');
const idIn = (key: string) => (JSON.parse(key) as [string, string])[1];

/** The chat, and its line in the lists. */
export async function forgetThread(id: string): Promise<void> {
  gone.add(id);
  await forget(keyOf(["thread", id]));
  await write((transaction) => transaction.objectStore("rows").delete(draftKey(id)), mine ?? atFirst);
  await write(async (transaction) => {
    const rows = transaction.objectStore("rows");
    for (const row of await rows.getAll(lists())) {
      const page = JSON.parse(row.json) as ThreadPage;
      const items = page.items.filter((item) => item.id !== id);
      if (items.length < page.items.length) await rows.put(rowOf(row.key, { ...page, items }));
    }
  });
}

// --- what is seen is kept ---------------------------------------------------------------------------------------------

const KINDS = new Set(["bootstrap", "threads", "thread", "projects", "models"]);

function begin(): () => void {
  const cache = queryClient.getQueryCache();
  for (const query of cache.getAll()) if (query.state.data !== undefined) note(query.queryKey);
  const deaf = [
    cache.subscribe((event) => {
      if (event.type === "updated" && event.action.type === "success") note(event.query.queryKey);
    }),
    onLive((event) => {
      if (event.type === "hello") void lookForRelease().catch(() => undefined);
      if (event.type === "hello" || event.type === "threads") later();
      if (event.thread) {
        if (mayKeep(event.thread)) gone.delete(event.thread.id);
        touch(event.thread.id);
      }
      if (event.type === "message" && event.message) touch(event.message.thread_id);
      // of a deleted message no more than its id is told
      if ((event.type === "fold" || event.type === "message_deleted") && event.id) touch(event.id);
    }),
  ];
  later();
  return () => {
    for (const end of deaf) end();
    window.clearTimeout(timer);
    window.clearTimeout(syncing);
    synced.resolve();
    synced = gate();
  };
}

/** What is on the page is kept from there; the rest is read again. */
function touch(id: string): void {
  if (
    queryClient
      .getQueryCache()
      .find({ queryKey: ["thread", id] })
      ?.isActive()
  )
    return;
  touched.add(id);
  later();
}

function note(key: QueryKey): void {
  if (!KINDS.has(String(key[0]))) return;
  if (waiting.size === 0)
    timer = window.setTimeout(() => void flush().catch(() => undefined), WRITE_AFTER_MS);
  waiting.set(keyOf(key), key);
}

async function flush(): Promise<void> {
  window.clearTimeout(timer);
  const rows = [...waiting]
    .filter(([name]) => !isStandIn(name))
    .map(([name, key]) => [name, rowFor(name, key)] as const);
  waiting.clear();
  await write(async (transaction) => {
    const store = transaction.objectStore("rows");
    for (const [name, row] of rows) await (row ? store.put(row) : store.delete(name));
    await makeRoom(transaction);
  });
}

/** What is written of the page's data, null when nothing may be. */
function rowFor(name: string, key: QueryKey): Row | null {
  const data = queryClient.getQueryData(key);
  if (!data) return null;
  switch (key[0]) {
    case "thread":
      return threadRow(data as ThreadDetail, Date.now());
    case "threads": {
      const items = (data as InfiniteData<ThreadPage>).pages.flatMap((page) => page.items).filter(mayKeep);
      return rowOf(name, { items: items.slice(0, NEWEST), next_cursor: null });
    }
    case "bootstrap":
      return (data as Bootstrap).me?.id === mine ? rowOf(name, data) : null;
    default:
      return rowOf(name, data);
  }
}

function rowOf(key: string, data: unknown): Row {
  const json = JSON.stringify(data);
  return { key, json, bytes: new TextEncoder().encode(json).length };
}

function threadRow(detail: ThreadDetail, at: number): Row | null {
  const { thread, messages } = detail;
  if (!mayKeep(thread) || gone.has(thread.id) || messages.length === 0) return null;
  return { ...rowOf(keyOf(["thread", thread.id]), detail), at, about: aboutOf(thread) };
}

const aboutOf = ({ unread: _unread, generating: _generating, ...rest }: Thread) => JSON.stringify(rest);

async function makeRoom(transaction: Parameters<Work<void>>[0]): Promise<void> {
  const ages = transaction.objectStore("rows").index("at");
  let spare = (await ages.count()) - MOST;
  for (let cursor = await ages.openCursor(); cursor && spare > 0; cursor = await cursor.continue()) {
    await cursor.delete();
    spare -= 1;
  }
}

// --- what changed elsewhere -------------------------------------------------------------------------------------------

let syncing = 0;

function gate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((opened) => {
    resolve = opened;
  });
  return { promise, resolve };
}

/** The first look at the server's chats has ended, well or not. */
let synced = gate();

function later(): void {
  window.clearTimeout(syncing);
  // of several tabs one is enough
  syncing = window.setTimeout(
    () =>
      void navigator.locks
        .request("freehold-kept", { ifAvailable: true }, async (lock) => {
          if (!lock) return;
          const news = [...touched];
          touched.clear();
          // what came to nothing is done when the server is back
          await sync(news).catch(() => news.forEach((id) => void touched.add(id)));
        })
        .finally(synced.resolve),
    SYNC_AFTER_MS,
  );
}

/** Forgets the chats that are gone, and reads those that changed, and the newest, one after the other. */
async function sync(news: string[]): Promise<void> {
  const who = mine;
  if (!who) return;
  // what the sidebar shows is kept where it was not opened, too, as on a phone
  for (const pinned of [true, false]) await queryClient.prefetchInfiniteQuery(threadsQuery({ pinned }));
  await queryClient.prefetchQuery(projectsQuery);
  await renewLists();
  await flush(); // a chat that is kept is of no use without the list that leads to it
  const known = await knownThreads(news);
  const { active, archived } = await listed(new Set(known.keys()));
  await write((transaction) => hear(transaction, who), who);
  const there = new Map([...active, ...archived].map((thread) => [thread.id, thread]));
  for (const id of known.keys()) {
    const thread = there.get(id);
    if (!thread || !mayKeep(thread)) await forgetThread(id);
  }
  const newest = active.filter(mayKeep).slice(0, NEWEST);
  const wanted = new Set([...newest, ...[...there.values()].filter(({ id }) => known.has(id))]);
  for (const thread of wanted) {
    gone.delete(thread.id);
    if (!mayKeep(thread) || known.get(thread.id) === aboutOf(thread)) continue;
    const detail = await loadThread(thread.id);
    if (mine !== who) return;
    const row = threadRow(detail, Date.parse(thread.last_activity_at));
    await write(async (transaction) => {
      if (row) await transaction.objectStore("rows").put(row);
      await makeRoom(transaction);
    }, who);
  }
}

/** Lists that this page has not loaded may still tell of chats that are gone elsewhere. */
async function renewLists(): Promise<void> {
  const keys = await transact((transaction) => transaction.objectStore("rows").getAllKeys(lists()));
  for (const key of keys ?? []) {
    const query = threadsQuery((JSON.parse(key) as [string, ThreadFilter])[1]);
    await queryClient.prefetchInfiniteQuery(query);
    if (!queryClient.getQueryData(query.queryKey)) await forget(key);
  }
}

/** The chats of which something is kept, with what the list said of each when it was read; nothing of those with news. */
async function knownThreads(news: string[]): Promise<Map<string, string>> {
  const [rows, unsent] = (await transact(async (transaction) => {
    const store = transaction.objectStore("rows");
    return Promise.all([store.index("at").getAll(), store.getAllKeys(drafts())]);
  })) ?? [[], []];
  const known = new Map(unsent.map((key) => [idIn(key), ""]));
  for (const { key, json, about = "" } of rows)
    known.set(idIn(key), news.some((id) => json.includes(id)) ? "" : about);
  return known;
}

/** The lists, as far as is needed to find each of `ids`; at least the newest chats. */
async function listed(ids: Set<string>): Promise<{ active: Thread[]; archived: Thread[] }> {
  const missing = new Set(ids);
  const walk = async (state: "active" | "archived", least: number) => {
    const found: Thread[] = [];
    let cursor: string | undefined;
    do {
      if (found.length >= least && missing.size === 0) break;
      const query = { state, limit: PAGE, cursor };
      const page: ThreadPage = await body(api.GET("/api/threads", { params: { query } }));
      found.push(...page.items);
      for (const { id } of page.items) missing.delete(id);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    return found;
  };
  return { active: await walk("active", NEWEST), archived: await walk("archived", 0) };
}
