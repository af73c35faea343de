/** The picker's rows: searched, favourites first, then by provider (in-house before outside). */
import type { ModelInfo, ModelList } from "@/api/types";

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

/** Whether it can answer without leaving the house: Auto does where it must, an alias where one of its models is there. */
export function staysInHouse(model: ModelInfo, all: ModelInfo[]): boolean {
  if (model.self_hosted || model.ref === AUTO) return true;
  return all.some(({ ref, self_hosted }) => self_hosted && model.targets.includes(ref));
}

/** The first of the wishes that is there; in a chat that is kept in the house one that stays there, if there is any. */
export function wishedModel(
  list: ModelList | undefined,
  wishes: (string | null | undefined)[],
  inHouse: boolean,
): ModelInfo | undefined {
  const all = list?.items ?? [];
  const wished = wishes.flatMap((ref) => all.find((model) => model.ref === ref) ?? []);
  const first = wished[0] ?? all[0];
  if (!inHouse || !first) return first;
  const real = all.filter((model) => model.self_hosted && !model.demonstration);
  return [...wished, ...real, ...all].find((model) => staysInHouse(model, all)) ?? first;
}

/** How well a model fits the query: its whole name or reference, the start of one, else what it merely holds. */
function closeness(model: ModelInfo, wanted: string): number {
  const names = [model.ref, model.id, model.name].map((name) => name.toLowerCase());
  if (names.includes(wanted)) return 2;
  return names.some((name) => name.startsWith(wanted)) ? 1 : 0;
}

/** The row that the query means; the first of those that fit it equally well, and undefined without a query. */
export function bestMatch(rows: ModelInfo[], query: string): ModelInfo | undefined {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return undefined;
  return rows.toSorted((a, b) => closeness(b, wanted) - closeness(a, wanted))[0];
}

/** Chat models in groups. A favourite stands in its own group only. */
export function groupModels(models: ModelInfo[], favourites: string[], byProvider: boolean): ModelGroup[] {
  const loved = favourites.flatMap((ref) => models.find((model) => model.ref === ref) ?? []);
  const rest = models.filter((model) => !favourites.includes(model.ref));
  const groups: ModelGroup[] = [];
  const chooses = rest.findIndex(({ ref }) => ref === AUTO);
  if (chooses >= 0) {
    groups.push({ key: AUTO, name: "", selfHosted: null, models: rest.splice(chooses, 1) });
  }
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

/** The reference that leaves the choice to the server. */
export const AUTO = "auto";

/** What counts as a long context. */
export const LONG_CONTEXT = 100_000;
