/** A rule as its form has it: the usual conditions as text; whatever else it holds stays as it is. */
import type { Problem } from "@/api/errors";
import type { RouteRule, RouteThen, RouteWhen } from "@/api/types";

export type Does = "pin" | "prefer" | "deny" | "in_house";

export interface Draft {
  id: string;
  keyword: string;
  regex: string;
  group: string;
  role: string;
  data_class: string;
  tokens: string;
  does: Does;
  models: string;
}

/** What the server calls an action; no promise. */
const THEN = "then";

const listed = (text: string) =>
  text
    .split(/[,，、\n]/)
    .map((word) => word.trim())
    .filter(Boolean);
const shown = (words: readonly string[] | undefined) => (words ?? []).join(", ");

export function draftOf(rule?: RouteRule): Draft {
  const when: Partial<RouteWhen> = rule?.when ?? {};
  const then: Partial<RouteThen> = rule?.then ?? {};
  const does: Does = then.deny?.length
    ? "deny"
    : then.prefer?.length
      ? "prefer"
      : rule && then.require?.self_hosted
        ? "in_house"
        : "pin";
  return {
    id: rule?.id ?? "",
    keyword: shown(when.keyword),
    regex: (when.regex ?? []).join("\n"),
    group: shown(when.group),
    role: shown(when.role),
    data_class: shown(when.data_class),
    tokens: String(when.context_tokens?.gt ?? ""),
    does,
    models: shown([...(then.pin ?? []), ...(then.prefer ?? []), ...(then.deny ?? [])]),
  };
}

/** Letters of any script, as the server takes them. */
export const isName = (text: string) => /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63}$/u.test(text);

const patternsOf = (draft: Draft) => draft.regex.split("\n").filter((line) => line.trim());

/** The pattern of the form that the server could not read, if that is what it refused. */
export function refusedPattern(problem: Pick<Problem, "fields">, draft: Draft): string | undefined {
  const paths = problem.fields?.map(({ path }) => /^rules\.\d+\.when\.regex(?:\.(\d+))?$/.exec(path)) ?? [];
  const found = paths.find(Boolean);
  if (!found) return undefined;
  const patterns = patternsOf(draft);
  return found[1] ? (patterns[Number(found[1])] ?? "") : patterns.join(" ");
}

/** The rule that the form says. Patterns stand one in a line, for a comma is part of some. */
export function ruleOf(draft: Draft, before?: RouteRule): RouteRule {
  const when = {
    ...before?.when,
    keyword: listed(draft.keyword),
    regex: patternsOf(draft),
    group: listed(draft.group),
    role: listed(draft.role),
    data_class: listed(draft.data_class),
    context_tokens: draft.tokens ? { gt: Number(draft.tokens) } : (before?.when.context_tokens ?? null),
  };
  if (!draft.tokens && before?.when.context_tokens?.gt != null) when.context_tokens = null;
  const models = listed(draft.models);
  const then =
    draft.does === "in_house"
      ? { require: { ...before?.then.require, self_hosted: true } }
      : { [draft.does]: models, require: before?.then.require, set: before?.then.set };
  const rule: Record<string, unknown> = {
    id: draft.id.trim(),
    description: before?.description,
    enabled: before?.enabled ?? true,
    when: when as RouteWhen,
    [THEN]: then as RouteThen,
  };
  return rule as unknown as RouteRule;
}
