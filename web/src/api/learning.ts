/** What routing has learned of the models in the house. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { Learned, LearningState, TrainingDone } from "./types";

const learningQuery = queryOptions({
  queryKey: ["learning"],
  queryFn: (): Promise<LearningState> => body(api.GET("/api/routing/learning")),
  staleTime: 0,
  // the nightly training, or that of another administrator
  refetchInterval: ({ state }) => (state.data?.training ? 2000 : false),
});

export const useLearning = () => useQuery(learningQuery);

const keep = (state: LearningState) => queryClient.setQueryData(learningQuery.queryKey, state);

/** Compare so large a share of local answers. */
export async function setShadow(shadow: number): Promise<void> {
  keep(await body(api.PUT("/api/routing/learning/shadow", { body: { shadow } })));
}

/** Train everything now; null: that goes on in the server. */
export async function trainNow(): Promise<TrainingDone["results"] | null> {
  const { results, state } = await body(api.POST("/api/routing/learning/train"));
  keep(state);
  return state.training ? null : results;
}

/** Put what was learned before to work, or the guess where there is nothing before. */
export async function rollBack({ model, language }: Learned): Promise<void> {
  keep(await body(api.POST("/api/routing/learning/roll-back", { body: { model, language } })));
}
