/** The arena: two models answer one prompt without their names, and votes rank the models. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { problemOf, Unreachable } from "./errors";
import { queryClient } from "./query-client";
import { readEvents } from "./sse";
import type { ArenaEvent, ArenaRanking, ArenaRoundInfo, ArenaRoundNew, ArenaVote } from "./types";

/** Asks two models that are drawn; `told` gets what comes, in batches. An abort ends both calls. */
export async function playRound(
  asked: ArenaRoundNew,
  signal: AbortSignal,
  told: (events: ArenaEvent[]) => void,
): Promise<void> {
  let response: Response;
  try {
    response = await fetch("/api/arena/rounds", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
      signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable(error);
  }
  if (!response.ok) throw await problemOf(response);
  for await (const events of readEvents(response))
    told(events.map(({ data }) => JSON.parse(data) as ArenaEvent));
}

/** The last round, if it waits for a vote: a reload loses nothing. */
export async function openRound(): Promise<ArenaRoundInfo | null> {
  const { items } = await body(api.GET("/api/arena/rounds", { params: { query: { limit: 1 } } }));
  const [last] = items;
  return last?.state === "ready" ? last : null;
}

export async function vote(id: string, given: ArenaVote): Promise<ArenaRoundInfo> {
  const params = { path: { round_id: id } };
  const shown = await body(api.POST("/api/arena/rounds/{round_id}/vote", { params, body: { vote: given } }));
  void refresh();
  return shown;
}

export async function removeRounds(): Promise<void> {
  await api.DELETE("/api/arena/rounds");
  await refresh();
}

const rankingQuery = (everybody: boolean) =>
  queryOptions({
    queryKey: ["arena", "ranking", everybody],
    queryFn: (): Promise<ArenaRanking> =>
      body(everybody ? api.GET("/api/arena/site/ranking") : api.GET("/api/arena/ranking")),
    staleTime: 0,
  });

/** By one's own votes, or by everybody's. */
export const useRanking = (everybody: boolean) => useQuery(rankingQuery(everybody));

export const rankingCsv = (everybody: boolean) =>
  everybody ? "/api/arena/site/ranking.csv" : "/api/arena/ranking.csv";

const refresh = () => queryClient.invalidateQueries({ queryKey: ["arena"] });
