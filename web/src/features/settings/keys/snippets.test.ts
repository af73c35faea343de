import { expect, test } from "vitest";
import { exampleModel, snippet } from "./snippets";

const TARGET = { origin: "https://chat.example.com", key: "fh_abcdefgh_x", model: "ollama/it's" };

test("every snippet has the address, the key and the model", () => {
  for (const client of ["curl", "openai", "anthropic"] as const)
    for (const language of ["python", "javascript"] as const) {
      const text = snippet(client, language, TARGET);
      for (const part of [TARGET.origin, TARGET.key, "it"]) expect(text).toContain(part);
    }
});

test("OpenAI's clients want /v1 in the address, Anthropic's add it themselves", () => {
  expect(snippet("openai", "python", TARGET)).toContain('base_url="https://chat.example.com/v1"');
  expect(snippet("anthropic", "javascript", TARGET)).toContain('baseURL: "https://chat.example.com"');
});

test("a quote in a model's name does not end the shell's", () => {
  expect(snippet("curl", "python", TARGET)).toContain("ollama/it'\\''s");
});

test.each([
  [["*"], "openai/gpt-4o"],
  [["fast", "*mini"], "fast"],
  [["ollama/*"], "ollama/qwen3:8b"],
  [["qwen3:?b"], "ollama/qwen3:8b"],
  [["gpt-4o"], "openai/gpt-4o"],
  [["nothing/*"], "openai/gpt-4o"],
  [["[*"], "openai/gpt-4o"],
])("an example for %j", (patterns, model) =>
  expect(exampleModel(patterns, ["openai/gpt-4o", "ollama/qwen3:8b"], "openai/gpt-4o")).toBe(model),
);

test("without any model there is still something to replace", () => {
  expect(exampleModel(["*"], [], null)).toBe("provider/model");
});
