import { expect, test } from "vitest";
import { type Ask, bodyOf, EMPTY } from "./request";
import { type Client, exampleModel, LANGUAGES, snippet } from "./snippets";

const TARGET = { origin: "https://chat.example.com", key: "fh_abcdefgh_x", abilities: undefined };
const ASK: Ask = { ...EMPTY, model: "ollama/it's", stream: false };

test("every snippet has the address, the key and the model", () => {
  for (const client of Object.keys(LANGUAGES) as Client[])
    for (const language of ["python", "javascript"] as const) {
      const text = snippet(client, language, ASK, TARGET);
      for (const part of [TARGET.origin, TARGET.key, "it"]) expect(text).toContain(part);
    }
});

test("OpenAI's clients want /v1 in the address, Anthropic's add it themselves, Ollama's want /ollama", () => {
  expect(snippet("openai", "python", ASK, TARGET)).toContain('base_url="https://chat.example.com/v1"');
  expect(snippet("anthropic", "javascript", ASK, TARGET)).toContain('baseURL: "https://chat.example.com"');
  expect(snippet("ollama", "python", ASK, TARGET)).toContain('host="https://chat.example.com/ollama"');
});

test("a quote does not end the shell's", () => {
  expect(snippet("curl", "python", ASK, TARGET)).toContain("ollama/it'\\''s");
});

test("Python writes its own words, deep inside too", () => {
  const schema = '{"type": "object", "additionalProperties": false, "default": null}';
  const text = snippet(
    "openai",
    "python",
    { ...ASK, schema, stream: true },
    { ...TARGET, abilities: ["json_schema"] },
  );
  expect(text).toContain("stream=True");
  expect(text).toContain('"additionalProperties": False');
  expect(text).toContain('"default": None');
  expect(text).not.toMatch(/\b(true|false|null)\b/);
});

test("curl sends the very request", () => {
  const text = snippet("curl", "python", { ...ASK, model: "a/b", system: "Be brief." }, TARGET);
  const sent = text.slice(text.indexOf("-d '") + 4, -1);
  expect(JSON.parse(sent)).toEqual(bodyOf({ ...ASK, model: "a/b", system: "Be brief." }, undefined));
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
