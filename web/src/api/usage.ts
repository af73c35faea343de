/** What was used, and the budgets that hold. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import type { BudgetInfo, UsageGroup, UsageReport } from "./types";

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

/** Where the browser loads every single call from. */
export const csvAddress = ({ from, to }: Span): string => `/api/usage.csv?from=${from}&to=${to}`;

const budgetsQuery = queryOptions({
  queryKey: ["budgets"],
  queryFn: (): Promise<BudgetInfo[]> => body(api.GET("/api/budgets")),
  staleTime: 0,
});

export const useBudgets = () => useQuery(budgetsQuery);
