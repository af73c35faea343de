/** The picker's rows: searched, favourites first, then by provider (in-house before outside). */
import type { ModelInfo } from "@/api/types";

export interface ModelGroup {
  /** Provider id; "favourites"; "aliases"; or "all" when ungrouped. */
  key: string;
  name: string;
  selfHosted: boolean | null;
  models: ModelInfo[];
}

/** Every word of the query must occur in the model's or the provider's name. */
export function searchModels(models: ModelInfo[], query: string): ModelInfo[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    const text = `${model.name} ${model.id} ${model.provider_name}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Chat models in groups. A favourite stands in its own group only. */
export function groupModels(models: ModelInfo[], favourites: string[], byProvider: boolean): ModelGroup[] {
  const loved = favourites.flatMap((ref) => models.find((model) => model.ref === ref) ?? []);
  const rest = models.filter((model) => !favourites.includes(model.ref));
  const groups: ModelGroup[] = [];
  if (loved.length > 0) groups.push({ key: "favourites", name: "", selfHosted: null, models: loved });
  if (!byProvider) {
    const sorted = rest.toSorted((a, b) => a.name.localeCompare(b.name));
    if (sorted.length > 0) groups.push({ key: "all", name: "", selfHosted: null, models: sorted });
    return groups;
  }
  const own = new Map<string, ModelGroup>();
  for (const model of rest) {
    const alias = model.targets.length > 0;
    const key = alias ? "aliases" : model.provider_id;
    const group = own.get(key) ?? {
      key,
      name: model.provider_name,
      selfHosted: alias ? null : model.self_hosted,
      models: [],
    };
    group.models.push(model);
    own.set(key, group);
  }
  // sort is stable: providers keep the server's order within each half; aliases are what somebody chose for all
  const place = (group: ModelGroup) => (group.selfHosted === null ? 2 : Number(group.selfHosted));
  return [...groups, ...[...own.values()].sort((a, b) => place(b) - place(a))];
}

/** What counts as a long context. */
export const LONG_CONTEXT = 100_000;
