import { expect, it } from "vitest";
import type { ModelInfo } from "@/api/types";
import { bestMatch, groupModels, searchModels, wishedModel } from "./list";

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
it("takes a whole name before the start of one, and that before a part", () => {
  const rows = [model("azure-gpt-4o", "Azure", false), ...models.toReversed()];
  expect(bestMatch(rows, "GPT-4o ")?.ref).toBe("gpt-4o");
  expect(bestMatch(rows, "gpt")?.ref).toBe("gpt-4o-mini");
  expect(bestMatch(rows, "4o")?.ref).toBe("azure-gpt-4o");
  expect(bestMatch(rows, " ")).toBeUndefined();
});
it("goes on in the house where a chat is kept there", () => {
  const list = { items: [...models, model("smart", "smart", false, ["gpt-4o", "qwen3:8b"])], default: null };
  const wished = (wishes: string[], inHouse: boolean) => wishedModel(list, wishes, inHouse)?.ref;
  expect(wished(["gone", "gpt-4o-mini"], false)).toBe("gpt-4o-mini");
  expect(wished(["gpt-4o-mini"], true)).toBe("qwen3:8b");
  expect(wished(["gpt-4o", "smart"], true)).toBe("smart");
  const outside = { items: models.filter((one) => !one.self_hosted), default: null };
  expect(wishedModel(outside, ["gpt-4o-mini"], true)?.ref).toBe("gpt-4o-mini");
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
