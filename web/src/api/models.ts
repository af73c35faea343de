import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import type { ModelInfo, ModelList } from "./types";

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: (): Promise<ModelList> => body(api.GET("/api/models")),
});

export function useModels() {
  return useQuery(modelsQuery);
}

/** A chat model by its ref, if it may be used. */
export function findModel(
  list: ModelList | undefined,
  ref: string | null | undefined,
): ModelInfo | undefined {
  return ref ? list?.items.find((model) => model.ref === ref) : undefined;
}
