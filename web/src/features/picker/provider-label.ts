import { useLingui } from "@lingui/react/macro";

/** What the provider with this id is called: the built-in one in the reader's language, unless it was renamed. */
export function useProviderLabel(): (id: string, name: string) => string {
  const { t } = useLingui();
  return (id, name) => (id === "embedded" && name === "Built-in model" ? t`Built-in model` : name);
}
