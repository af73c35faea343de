/** People and groups, for administrators. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { GroupInfo, GroupNew, PersonInfo, PersonNew, PersonPage, PersonPatch } from "./types";

export interface Wanted {
  /** Part of a name or an address. */
  q?: string;
  group_id?: string;
}

/** Asked anew whenever a page opens: when somebody was last seen moves by itself. */
const peopleQuery = (wanted: Wanted) =>
  infiniteQueryOptions({
    queryKey: ["people", wanted.q ?? "", wanted.group_id ?? ""],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }): Promise<PersonPage> =>
      body(api.GET("/api/people", { params: { query: { ...wanted, cursor: pageParam, limit: 50 } } })),
    getNextPageParam: (page: PersonPage) => page.next_cursor ?? undefined,
    select: ({ pages }) => pages.flatMap((page) => page.items),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });

export const usePeople = (wanted: Wanted) => useInfiniteQuery(peopleQuery(wanted));

/** Who can be meant by what was typed so far. */
export const useSuggestions = (q: string) =>
  useQuery({
    queryKey: ["people", "suggested", q],
    queryFn: (): Promise<PersonPage> =>
      body(api.GET("/api/people", { params: { query: { q: q || undefined, limit: 20 } } })),
    staleTime: 10_000,
    placeholderData: keepPreviousData,
    select: (page) => page.items,
  });

/** The one person with this address or name; undefined when there is none, or more than one. */
export async function findPerson(text: string): Promise<PersonInfo | undefined> {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return undefined;
  const { items } = await body(api.GET("/api/people", { params: { query: { q: wanted, limit: 50 } } }));
  const found = items.filter((one) => one.email === wanted || one.name.toLowerCase() === wanted);
  return found.length === 1 ? found[0] : undefined;
}

const groupsQuery = queryOptions({
  queryKey: ["groups"],
  queryFn: (): Promise<GroupInfo[]> => body(api.GET("/api/groups")),
  staleTime: 0,
});

export const useGroups = () => useQuery(groupsQuery);

/** Members count in groups, groups stand beside people, and both have rules. */
const again = () =>
  Promise.all(
    ["people", "groups", "budgets", "limits"].map((key) =>
      queryClient.invalidateQueries({ queryKey: [key] }),
    ),
  );

export async function addPerson(wish: PersonNew): Promise<void> {
  await body(api.POST("/api/people", { body: wish }));
  await again();
}

export async function changePerson(id: string, patch: PersonPatch): Promise<void> {
  await body(api.PATCH("/api/people/{user_id}", { params: { path: { user_id: id } }, body: patch }));
  await again();
}

export async function addGroup(wish: GroupNew): Promise<void> {
  await body(api.POST("/api/groups", { body: wish }));
  await again();
}

const path = (id: string) => ({ params: { path: { group_id: id } } });

export async function changeGroup(id: string, wish: GroupNew): Promise<void> {
  await body(api.PATCH("/api/groups/{group_id}", { ...path(id), body: wish }));
  await again();
}

export async function removeGroup(id: string): Promise<void> {
  await api.DELETE("/api/groups/{group_id}", path(id));
  await again();
}

const membership = (group_id: string, user_id: string) => ({ params: { path: { group_id, user_id } } });

export async function joinGroup(group: string, user: string): Promise<void> {
  await api.PUT("/api/groups/{group_id}/members/{user_id}", membership(group, user));
  await again();
}

export async function leaveGroup(group: string, user: string): Promise<void> {
  await api.DELETE("/api/groups/{group_id}/members/{user_id}", membership(group, user));
  await again();
}
