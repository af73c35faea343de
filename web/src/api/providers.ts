/** Providers, the vendors that can be added, and their models. Administrators only. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { onLive } from "./live";
import { modelsQuery } from "./models";
import { queryClient } from "./query-client";
import type {
  CheckResult,
  EnteredPrices,
  ModelInfo,
  ProviderDetail,
  ProviderInfo,
  ProviderNew,
  ProviderPatch,
  ProviderTry,
  Vendor,
} from "./types";
import { welcomeQuery } from "./welcome";

export const vendorsQuery = queryOptions({
  queryKey: ["vendors"],
  queryFn: (): Promise<Vendor[]> => body(api.GET("/api/vendors")),
});

export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: (): Promise<ProviderInfo[]> => body(api.GET("/api/providers")),
});

export function providerQuery(id: string) {
  return queryOptions({
    queryKey: ["provider", id],
    queryFn: (): Promise<ProviderDetail> =>
      body(api.GET("/api/providers/{provider_id}", { params: { path: { provider_id: id } } })),
  });
}

export const useVendors = () => useQuery(vendorsQuery);
export const useProviders = () => useQuery(providersQuery);
export const useProvider = (id: string) => useQuery(providerQuery(id));

/** Everything that is drawn from providers is asked for again. */
function changed(): void {
  for (const key of ["providers", "provider", modelsQuery.queryKey[0], welcomeQuery.queryKey[0]])
    void queryClient.invalidateQueries({ queryKey: [key] });
}

let connected = false;

onLive((event) => {
  // what happened while the line was down is not told again
  if (event.type === "models" || (event.type === "hello" && connected)) changed();
  if (event.type === "hello") connected = true;
});

function place(detail: ProviderDetail): ProviderDetail {
  queryClient.setQueryData(providerQuery(detail.provider.id).queryKey, detail);
  changed();
  return detail;
}

/** Tries credentials that are not saved; with `provider_id` the stored key is used when none is given. */
export function tryProvider(wish: ProviderTry): Promise<CheckResult> {
  return body(api.POST("/api/providers/check", { body: wish }));
}

/** Tries a saved provider and keeps the outcome. */
export async function checkProvider(id: string): Promise<CheckResult> {
  const result = await body(
    api.POST("/api/providers/{provider_id}/check", { params: { path: { provider_id: id } } }),
  );
  changed();
  return result;
}

/** Saves a provider. Credentials that do not work are refused unless `force`. */
export async function addProvider(wish: ProviderNew, force = false): Promise<ProviderDetail> {
  return place(await body(api.POST("/api/providers", { params: { query: { force } }, body: wish })));
}

export async function changeProvider(
  id: string,
  patch: ProviderPatch,
  force = false,
): Promise<ProviderDetail> {
  return place(
    await body(
      api.PATCH("/api/providers/{provider_id}", {
        params: { path: { provider_id: id }, query: { force } },
        body: patch,
      }),
    ),
  );
}

export async function removeProvider(id: string): Promise<void> {
  await api.DELETE("/api/providers/{provider_id}", { params: { path: { provider_id: id } } });
  queryClient.removeQueries({ queryKey: ["provider", id] });
  queryClient.setQueryData(providersQuery.queryKey, (old) => old?.filter((item) => item.id !== id));
  changed();
}

/** Asks the provider for its models again. */
export async function listAgain(id: string): Promise<ProviderDetail> {
  return place(
    await body(
      api.POST("/api/providers/{provider_id}/models/refresh", { params: { path: { provider_id: id } } }),
    ),
  );
}

function placeModel(provider: string, model: ModelInfo): void {
  queryClient.setQueryData(
    providerQuery(provider).queryKey,
    (old) =>
      old && {
        ...old,
        models: old.models.some((item) => item.id === model.id)
          ? old.models.map((item) => (item.id === model.id ? model : item))
          : [...old.models, model],
      },
  );
}

export async function addModel(provider: string, id: string): Promise<void> {
  const model = await body(
    api.POST("/api/providers/{provider_id}/models", {
      params: { path: { provider_id: provider } },
      body: { id },
    }),
  );
  placeModel(provider, model);
  changed();
}

/** The switch moves at once; a failed save puts it back and throws. */
export async function switchModel(model: ModelInfo, enabled: boolean): Promise<void> {
  const path = { provider_id: model.provider_id, model_id: model.id };
  placeModel(model.provider_id, { ...model, enabled });
  try {
    const saved = await body(
      api.PATCH("/api/providers/{provider_id}/models/{model_id}", { params: { path }, body: { enabled } }),
    );
    placeModel(model.provider_id, saved);
  } catch (error) {
    placeModel(model.provider_id, model);
    throw error;
  }
}

/** Enters what a model costs; null takes back what was entered. */
export async function setPrices(model: ModelInfo, prices: EnteredPrices | null): Promise<void> {
  const path = { provider_id: model.provider_id, model_id: model.id };
  const saved = await body(
    api.PATCH("/api/providers/{provider_id}/models/{model_id}", { params: { path }, body: { prices } }),
  );
  placeModel(model.provider_id, saved);
  changed();
}

/** Deletes a model from the provider's disk, or forgets one that was added by hand. */
export async function removeModel(model: ModelInfo): Promise<void> {
  await api.DELETE("/api/providers/{provider_id}/models/{model_id}", {
    params: { path: { provider_id: model.provider_id, model_id: model.id } },
  });
  changed();
}
