import { useLingui } from "@lingui/react/macro";
import type { ModelInfo } from "@/api/types";

/** What is said of a model, in the reader's language where it is one that Freehold itself offers. */
export function useModelWords(): (model: ModelInfo) => string {
  const { t } = useLingui();
  return ({ id, description }) => {
    const known: Record<string, string> = {
      "smollm2-135m-instruct": t`Very small, English only, for trying things out. Often wrong.`,
      "qwen2.5-0.5b-instruct": t`Small, speaks Chinese and English. Often wrong.`,
      "qwen2.5-1.5b-instruct": t`Speaks Chinese and English; fit for short answers without a graphics card.`,
      "qwen3-0.6b": t`Small, speaks Chinese and English, and can think first. Often wrong.`,
      "phi-3.5-mini-instruct": t`Capable, with 3.8 billion parameters; wants about 4 GB of memory and some patience.`,
    };
    return known[id] ?? description ?? "";
  };
}
