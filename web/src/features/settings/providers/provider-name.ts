import { useLingui } from "@lingui/react/macro";
import type { ProviderInfo } from "@/api/types";

/** What a provider is called: as its administrator named it; the built-in one in the reader's language. */
export function useProviderName(): (provider: Pick<ProviderInfo, "kind" | "origin" | "name">) => string {
  const { t } = useLingui();
  return ({ kind, origin, name }) => (kind === "embedded" && origin === "builtin" ? t`Built-in model` : name);
}
