/** Test sets: questions that several models answer. */
import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { EvalReport, EvalRule, EvalRunInfo, EvalSetDetail, EvalSetList } from "./types";

export const isOpen = ({ state }: EvalRunInfo) => state === "waiting" || state === "running";

const setsQuery = queryOptions({
  queryKey: ["evals", "sets"],
  queryFn: (): Promise<EvalSetList> => body(api.GET("/api/evals/sets")),
  staleTime: 0,
  refetchInterval: ({ state }) =>
    state.data?.items.some(({ last_run }) => last_run && isOpen(last_run)) ? 3000 : false,
});

export const useEvalSets = () => useQuery(setsQuery);

/** What one asked in so many days and could ask again. */
export function useAskedThen(days: number) {
  return useQuery({
    queryKey: ["evals", "history", days],
    queryFn: () => body(api.GET("/api/evals/history", { params: { query: { days } } })),
    staleTime: 30_000,
  });
}

const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ["evals", "run", id],
    queryFn: (): Promise<EvalReport> =>
      body(api.GET("/api/evals/runs/{run_id}", { params: { path: { run_id: id } } })),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data && isOpen(state.data.run) ? 1500 : false),
  });

export const useEvalReport = (id: string) => useQuery(reportQuery(id));

/** The answers of a run, page by page; `done` of them are there. */
export function useEvalAnswers(id: string, done: number) {
  return useInfiniteQuery(
    infiniteQueryOptions({
      queryKey: ["evals", "answers", id, done],
      queryFn: ({ pageParam }) =>
        body(
          api.GET("/api/evals/runs/{run_id}/answers", {
            params: { path: { run_id: id }, query: { cursor: pageParam } },
          }),
        ),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (last) => last?.next_cursor ?? undefined,
      placeholderData: (before) => before,
    }),
  );
}

export const evalCsv = (id: string) => `/api/evals/runs/${id}/answers.csv`;

const refresh = () => queryClient.invalidateQueries({ queryKey: ["evals"] });

export async function writeSet(name: string, text: string, rule: EvalRule): Promise<EvalSetDetail> {
  const made = await body(api.POST("/api/evals/sets", { body: { name, text, rule } }));
  await refresh();
  return made;
}

/** A set of one's own questions: all of so many days, or those messages of them. */
export async function setFromHistory(name: string, days: number, ids?: string[]): Promise<EvalSetDetail> {
  const made = await body(
    api.POST("/api/evals/sets/from-history", { body: { name, days, message_ids: ids } }),
  );
  await refresh();
  return made;
}

export async function startRun(setId: string, models: string[], judge?: string): Promise<EvalRunInfo> {
  const path = { set_id: setId };
  const run = await body(
    api.POST("/api/evals/sets/{set_id}/runs", { params: { path }, body: { models, judge } }),
  );
  await refresh();
  return run;
}

/** What the reader finds of an answer that nobody else judges; null takes it back. */
export async function markAnswer(id: string, caseId: string, model: string, passed: boolean | null) {
  const path = { run_id: id };
  await api.POST("/api/evals/runs/{run_id}/mark", {
    params: { path },
    body: { case_id: caseId, model, passed },
  });
  await refresh();
}

export async function cancelRun(id: string): Promise<void> {
  await api.POST("/api/evals/runs/{run_id}/cancel", { params: { path: { run_id: id } } });
  await refresh();
}

export async function resumeRun(id: string): Promise<void> {
  await api.POST("/api/evals/runs/{run_id}/resume", { params: { path: { run_id: id } } });
  await refresh();
}

export async function removeSet(id: string): Promise<void> {
  await api.DELETE("/api/evals/sets/{set_id}", { params: { path: { set_id: id } } });
  await refresh();
}
