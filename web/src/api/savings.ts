/** What was saved against the baseline, and what another quality floor would have come to. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import type { SavingsReport, WhatIf } from "./types";
import type { Span } from "./usage";

const savingsQuery = (span: Span, by: SavingsReport["group_by"]) =>
  queryOptions({
    queryKey: ["savings", span.from, span.to, by],
    queryFn: (): Promise<SavingsReport> =>
      body(api.GET("/api/savings", { params: { query: { ...span, group_by: by } } })),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });

export const useSavings = (span: Span, by: SavingsReport["group_by"]) => useQuery(savingsQuery(span, by));

const whatIfQuery = (floor: number | null) =>
  queryOptions({
    queryKey: ["what-if", floor],
    queryFn: (): Promise<WhatIf> =>
      body(api.POST("/api/savings/what-if", { body: { quality_floor: floor } })),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

/** The last seven days at another floor; null: at the one that acts now. */
export const useWhatIf = (floor: number | null) => useQuery(whatIfQuery(floor));
