/** What a chat can set of the model that answers in it, and what it has set. */
import type { ModelInfo, Parameters } from "@/api/types";

export type ParameterName = keyof Parameters;

const OF_WORDS: ParameterName[] = ["system", "temperature", "top_p", "max_tokens", "reasoning_effort"];

/** What this model takes. Of a model of which nothing is known it is not said that it could not think. */
export function settable(model: ModelInfo | undefined): ParameterName[] {
  if (model?.drawing) return ["picture"];
  return OF_WORDS.filter((name) => {
    if (name === "temperature" || name === "top_p") return !model?.fixed_sampling;
    return name !== "reasoning_effort" || (model?.abilities.includes("reasoning") ?? false);
  });
}

/** Those that are not as the model has them. */
export function changed(parameters: Parameters, model: ModelInfo | undefined): ParameterName[] {
  return settable(model).filter((name) =>
    name === "picture"
      ? Object.values(parameters.picture ?? {}).some((value) => value != null)
      : (parameters[name] ?? "") !== "",
  );
}

/** `parameters` with one of them changed; null lets it go. */
export function withValue<N extends ParameterName>(
  parameters: Parameters,
  name: N,
  value: Parameters[N] | null,
): Parameters {
  const next: Parameters = { ...parameters, [name]: value };
  return Object.fromEntries(Object.entries(next).filter(([, one]) => one !== null && one !== ""));
}
