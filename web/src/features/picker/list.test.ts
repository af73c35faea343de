import { expect, it } from "vitest";
import type { ModelInfo } from "@/api/types";
import { groupModels, searchModels } from "./list";

const model = (ref: string, provider: string, selfHosted: boolean, targets: string[] = []) =>
  ({
    ref,
    targets,
    id: ref,
    name: ref,
    provider_id: provider,
    provider_name: provider,
    self_hosted: selfHosted,
  }) as ModelInfo;
const models = [
  model("gpt-4o", "OpenAI", false),
  model("qwen3:8b", "Ollama", true),
  model("gpt-4o-mini", "OpenAI", false),
];

it("finds by all words, in model or provider", () => {
  expect(searchModels(models, "openai mini").map(({ ref }) => ref)).toEqual(["gpt-4o-mini"]);
  expect(searchModels(models, "  ").length).toBe(3);
});
it("puts favourites first, then the house, then outside", () => {
  const groups = groupModels(models, ["gpt-4o-mini", "gone"], true);
  expect(groups.map(({ key, models: own }) => [key, own.length])).toEqual([
    ["favourites", 1],
    ["Ollama", 1],
    ["OpenAI", 1],
  ]);
});
it("puts what somebody named for all before every provider", () => {
  const groups = groupModels([...models, model("smart", "smart", false, ["openai/gpt-4o"])], [], true);
  expect(groups.map(({ key, selfHosted }) => [key, selfHosted])).toEqual([
    ["aliases", null],
    ["Ollama", true],
    ["OpenAI", false],
  ]);
});
