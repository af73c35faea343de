import {
  type InfiniteData,
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import { forgetThread, mayKeep, orKept } from "./away";
import { api, body } from "./client";
import { projectsQuery } from "./projects";
import { queryClient } from "./query-client";
import type { FirstTurn, ForkNew, Message, Thread, ThreadDetail, ThreadPage, ThreadPatch } from "./types";

export interface ThreadFilter {
  pinned?: boolean;
  state?: "active" | "archived";
  project?: string;
}

export function threadsQuery(filter: ThreadFilter) {
  return infiniteQueryOptions({
    queryKey: ["threads", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }): Promise<ThreadPage> =>
      pageParam
        ? loadPage(filter, pageParam)
        : orKept(
            ["threads", filter],
            () => loadPage(filter),
            (page) => ({ pages: [page], pageParams: [undefined] }),
          ),
    getNextPageParam: (page: ThreadPage) => page.next_cursor ?? undefined,
  });
}

const loadPage = (filter: ThreadFilter, cursor?: string): Promise<ThreadPage> =>
  body(
    api.GET("/api/threads", {
      params: {
        query: {
          cursor,
          limit: 50,
          state: filter.state,
          pinned: filter.pinned,
          project_id: filter.project,
        },
      },
    }),
  );

export function useThreads(filter: ThreadFilter) {
  return useInfiniteQuery(threadsQuery(filter));
}

export function threadQuery(id: string) {
  return queryOptions({
    queryKey: ["thread", id],
    queryFn: (): Promise<ThreadDetail> => orKept(["thread", id], () => loadThread(id)),
  });
}

export const loadThread = (id: string): Promise<ThreadDetail> =>
  body(api.GET("/api/threads/{thread_id}", { params: { path: { thread_id: id } } }));

export function useThread(id: string) {
  return useQuery(threadQuery(id));
}

/** Shows a thread that the server is about to make, so that its page can be opened before it has answered. */
export function placeNewThread(id: string, model: string, first: FirstTurn): void {
  const now = new Date().toISOString();
  const thread: Thread = {
    id,
    title: "",
    title_source: "none",
    project_id: first.project_id ?? null,
    in_house: first.in_house ?? false,
    folding: "auto",
    parameters: first.parameters ?? {},
    model,
    state: first.temporary ? "temp" : "active",
    expires_at: null, // the server says when
    pinned: false,
    leaf_id: null,
    choices: {},
    generating: false,
    unread: false,
    created_at: now,
    last_activity_at: now,
  };
  queryClient.setQueryData(threadQuery(id).queryKey, { thread, messages: [], folds: [] });
}

/** Threads that are being changed, until the server has answered: each as it said it last, and what is asked for on top. */
const changing = new Map<string, { said: Thread | undefined; changes: Partial<Thread>[] }>();

export async function patchThread(id: string, patch: ThreadPatch): Promise<void> {
  const query = threadQuery(id);
  const change = patch as Partial<Thread>;
  // what is on its way was read before this change and would undo it on the page
  const overtaken =
    queryClient.getQueryData(query.queryKey) !== undefined && queryClient.isFetching(query) > 0;
  if (overtaken) await queryClient.cancelQueries(query, { revert: false });
  const pending = changing.get(id) ?? {
    said: queryClient.getQueryData(query.queryKey)?.thread ?? findInLists(id),
    changes: [],
  };
  changing.set(id, pending);
  pending.changes.push(change);
  const answered = () => {
    pending.changes.splice(pending.changes.indexOf(change), 1);
  };
  if (pending.said) placeThread(pending.said);
  try {
    const changed = await body(
      api.PATCH("/api/threads/{thread_id}", { params: { path: { thread_id: id } }, body: patch }),
    );
    answered();
    placeThread(changed);
    if (patch.project_id !== undefined) recountProjects();
  } catch (error) {
    answered();
    if (pending.said) placeThread(pending.said);
    throw error;
  } finally {
    if (!pending.changes.length) changing.delete(id);
    if (overtaken) void queryClient.invalidateQueries(query);
  }
}

export async function deleteThread(id: string): Promise<void> {
  dropThread(id);
  await api.DELETE("/api/threads/{thread_id}", { params: { path: { thread_id: id } } });
  recountProjects();
}

/** Copies a part of a thread into a new one, which it returns. */
export async function forkThread(id: string, fork: ForkNew): Promise<Thread> {
  const made = await body(
    api.POST("/api/threads/{thread_id}/fork", { params: { path: { thread_id: id } }, body: fork }),
  );
  placeThread(made);
  if (made.project_id) recountProjects();
  return made;
}

export async function restoreThread(id: string): Promise<void> {
  placeThread(
    await body(api.POST("/api/threads/{thread_id}/restore", { params: { path: { thread_id: id } } })),
  );
  recountProjects();
}

/** Projects say how many chats they hold; only the server knows. */
export function recountProjects(): void {
  void queryClient.invalidateQueries(projectsQuery);
}

// --- the cache, also fed by live events -------------------------------------------------------------------------------

type Pages = InfiniteData<ThreadPage, string | undefined>;

function belongs(thread: Thread, filter: ThreadFilter): boolean {
  return (
    thread.state === (filter.state ?? "active") &&
    (filter.pinned === undefined || thread.pinned === filter.pinned) &&
    (filter.project === undefined || thread.project_id === filter.project)
  );
}

/** `pages` with `thread` where its last activity puts it, or without it when it does not belong there. */
export function placeInPages(pages: Pages, thread: Thread, filter: ThreadFilter): Pages {
  const items = pages.pages.map((page) => page.items.filter((item) => item.id !== thread.id));
  if (belongs(thread, filter)) {
    const last = items.length - 1;
    let target = items.findIndex((page) =>
      page.some((item) => item.last_activity_at <= thread.last_activity_at),
    );
    // older than everything loaded: it belongs to a page that is not here yet, unless there is none
    if (target < 0 && pages.pages[last]?.next_cursor == null) target = last;
    const page = items[target];
    if (page) {
      const at = page.findIndex((item) => item.last_activity_at <= thread.last_activity_at);
      page.splice(at < 0 ? page.length : at, 0, thread);
    }
  }
  return { ...pages, pages: pages.pages.map((page, index) => ({ ...page, items: items[index] ?? [] })) };
}

function findInLists(id: string): Thread | undefined {
  for (const [, pages] of queryClient.getQueriesData<Pages>({ queryKey: ["threads"] })) {
    const found = pages?.pages.flatMap((page) => page.items).find((thread) => thread.id === id);
    if (found) return found;
  }
  return undefined;
}

/**
 * Puts a thread into every list it belongs to and into its own page. News of it that the server wrote before it heard of a
 * change undoes none of that.
 */
export function placeThread(news: Thread): void {
  const pending = changing.get(news.id);
  if (pending) pending.said = news;
  const thread: Thread = Object.assign({}, news, ...(pending?.changes ?? []));
  if (!mayKeep(thread)) forgetThread(thread.id);
  for (const [key, pages] of queryClient.getQueriesData<Pages>({ queryKey: ["threads"] })) {
    if (pages) queryClient.setQueryData(key, placeInPages(pages, thread, key[1] as ThreadFilter));
  }
  queryClient.setQueryData(threadQuery(thread.id).queryKey, (old) => old && { ...old, thread });
}

export function dropThread(id: string): void {
  forgetThread(id);
  for (const [key, pages] of queryClient.getQueriesData<Pages>({ queryKey: ["threads"] })) {
    if (!pages) continue;
    const kept = pages.pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== id) }));
    queryClient.setQueryData(key, { ...pages, pages: kept });
  }
}

/** Changes the messages of a thread that is in the cache. */
export function updateMessages(threadId: string, change: (messages: Message[]) => Message[]): void {
  queryClient.setQueryData(
    threadQuery(threadId).queryKey,
    (old) => old && { ...old, messages: change(old.messages) },
  );
}

/** Adds the message, or replaces the one with its id. */
export function placeMessage(message: Message): void {
  updateMessages(message.thread_id, (messages) =>
    messages.some((item) => item.id === message.id)
      ? messages.map((item) => (item.id === message.id ? message : item))
      : [...messages, message],
  );
}
