/** Budgets and rate limits as administrators set them; how much of each is used moves by itself. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { BudgetNew, LimitInfo, LimitNew, LimitPatch } from "./types";

const LOOK_AGAIN_MS = 5_000;

const limitsQuery = queryOptions({
  queryKey: ["limits"],
  queryFn: (): Promise<LimitInfo[]> => body(api.GET("/api/limits")),
  staleTime: 0,
  refetchInterval: LOOK_AGAIN_MS,
});

export const useLimits = () => useQuery(limitsQuery);

const again = (key: "budgets" | "limits") => queryClient.invalidateQueries({ queryKey: [key] });

export async function addBudget(wish: BudgetNew): Promise<void> {
  await body(api.POST("/api/budgets", { body: wish }));
  await again("budgets");
}

const budget = (id: string) => ({ params: { path: { budget_id: id } } });

export async function changeBudget(id: string, usd: number): Promise<void> {
  await body(api.PATCH("/api/budgets/{budget_id}", { ...budget(id), body: { usd } }));
  await again("budgets");
}

export async function removeBudget(id: string): Promise<void> {
  await api.DELETE("/api/budgets/{budget_id}", budget(id));
  await again("budgets");
}

export async function addLimit(wish: LimitNew): Promise<void> {
  await body(api.POST("/api/limits", { body: wish }));
  await again("limits");
}

const limit = (id: string) => ({ params: { path: { limit_id: id } } });

export async function changeLimit(id: string, patch: LimitPatch): Promise<void> {
  await body(api.PATCH("/api/limits/{limit_id}", { ...limit(id), body: patch }));
  await again("limits");
}

export async function removeLimit(id: string): Promise<void> {
  await api.DELETE("/api/limits/{limit_id}", limit(id));
  await again("limits");
}
