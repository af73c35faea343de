import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import type { Welcome } from "./types";

/** What the first-run page offers; an Ollama may start at any moment, so it is looked for again now and then. */
export const welcomeQuery = queryOptions({
  queryKey: ["welcome"],
  queryFn: (): Promise<Welcome> => body(api.GET("/api/welcome")),
  staleTime: 10_000,
  refetchInterval: 15_000,
});

export const useWelcome = () => useQuery(welcomeQuery);

/** An Ollama on the server's machine. */
export interface OllamaFound {
  found: boolean;
  connected: boolean;
  baseUrl: string | null;
  models: { id: string; sizeBytes: number | null }[];
}

/** The contract leaves this part open; whatever is missing counts as not found. */
export function ollamaOf(welcome: Welcome): OllamaFound {
  const { found, connected, base_url, models } = welcome.ollama as Record<string, unknown>;
  return {
    found: found === true,
    connected: connected === true,
    baseUrl: typeof base_url === "string" ? base_url : null,
    models: (Array.isArray(models) ? models : []).map((model) => ({
      id: String(model.id),
      sizeBytes: typeof model.size_bytes === "number" ? model.size_bytes : null,
    })),
  };
}
