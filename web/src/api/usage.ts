/** What was used, and the budgets that hold. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import { api, body } from "./client";
import type { BudgetInfo, UsageCall, UsageCallPage, UsageGroup, UsageReport } from "./types";

export interface Span {
  /** First and last day in UTC, `2026-09-14`. */
  from: string;
  to: string;
}

const usageQuery = (span: Span, group: UsageGroup) =>
  queryOptions({
    queryKey: ["usage", span.from, span.to, group],
    queryFn: (): Promise<UsageReport> =>
      body(api.GET("/api/usage", { params: { query: { ...span, group } } })),
    staleTime: 0,
    // another group or period takes the place of the old one, without a page of bones in between
    placeholderData: keepPreviousData,
  });

export const useUsage = (span: Span, group: UsageGroup) => useQuery(usageQuery(span, group));

export interface CallsAsked {
  status?: UsageCall["status"];
  request_id?: string;
}

/** Single calls, the newest first. */
const callsQuery = (span: Span, asked: CallsAsked) =>
  infiniteQueryOptions({
    queryKey: ["usage", "calls", span.from, span.to, asked],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }): Promise<UsageCallPage> =>
      body(api.GET("/api/usage/calls", { params: { query: { ...span, ...asked, cursor: pageParam } } })),
    getNextPageParam: (page: UsageCallPage) => page.next_cursor ?? undefined,
    select: ({ pages }) => pages.flatMap((page) => page.items),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });

export const useCalls = (span: Span, asked: CallsAsked) => useInfiniteQuery(callsQuery(span, asked));

/** Where the browser loads every single call from. */
export const csvAddress = ({ from, to }: Span): string => `/api/usage.csv?from=${from}&to=${to}`;

const budgetsQuery = queryOptions({
  queryKey: ["budgets"],
  queryFn: (): Promise<BudgetInfo[]> => body(api.GET("/api/budgets")),
  staleTime: 0,
});

export const useBudgets = () => useQuery(budgetsQuery);
