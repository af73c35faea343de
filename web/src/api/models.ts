import { queryOptions, useQuery } from "@tanstack/react-query";
import { orKept } from "./away";
import { api, body } from "./client";
import type { ModelInfo, ModelList, Run } from "./types";

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: (): Promise<ModelList> => orKept(["models"], () => body(api.GET("/api/models"))),
});

export function useModels() {
  return useQuery(modelsQuery);
}

/** What the model of a run is called in the picker; one that is gone keeps its id. */
export function useModelName(run: Run | null | undefined): string | undefined {
  const { data } = useModels();
  return run ? (findModel(data, run.model)?.name ?? run.model_id) : undefined;
}

/** A chat model by its ref, if it may be used. */
export function findModel(
  list: ModelList | undefined,
  ref: string | null | undefined,
): ModelInfo | undefined {
  return ref ? list?.items.find((model) => model.ref === ref) : undefined;
}
