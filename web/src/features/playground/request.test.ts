import { expect, test } from "vitest";
import { type Ask, bodyOf, type Dialect, EMPTY, problems } from "./request";

const FULL: Ask = {
  ...EMPTY,
  model: "house/any",
  system: "Be brief.",
  temperature: "0.5",
  topP: "0.9",
  maxTokens: "64",
  stop: "END\nSTOP",
  seed: "7",
  effort: "low",
  tools: '[{"name": "get_weather", "parameters": {"type": "object"}}]',
  schema: '{"type": "object"}',
};
const ALL = ["reasoning", "tools", "json_schema"] as const;
const SAID = { role: "user", content: "Hello" };
const FUNCTION = { name: "get_weather", parameters: { type: "object" } };

test("a full request in each dialect", () => {
  const body = (dialect: Dialect) => bodyOf({ ...FULL, dialect }, ALL);
  expect(body("openai_chat")).toEqual({
    model: "house/any",
    messages: [{ role: "system", content: "Be brief." }, SAID],
    temperature: 0.5,
    top_p: 0.9,
    max_completion_tokens: 64,
    stop: ["END", "STOP"],
    seed: 7,
    reasoning_effort: "low",
    tools: [{ type: "function", function: FUNCTION }],
    response_format: { type: "json_schema", json_schema: { name: "answer", schema: { type: "object" } } },
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(body("openai_responses")).toEqual({
    model: "house/any",
    instructions: "Be brief.",
    input: [SAID],
    temperature: 0.5,
    top_p: 0.9,
    max_output_tokens: 64,
    reasoning: { effort: "low" },
    tools: [{ type: "function", ...FUNCTION }],
    text: { format: { type: "json_schema", name: "answer", schema: { type: "object" } } },
    stream: true,
  });
  expect(body("anthropic_messages")).toEqual({
    model: "house/any",
    max_tokens: 64,
    system: "Be brief.",
    messages: [SAID],
    temperature: 0.5,
    top_p: 0.9,
    stop_sequences: ["END", "STOP"],
    thinking: { type: "adaptive" },
    tools: [{ name: "get_weather", input_schema: { type: "object" } }],
    output_config: { effort: "low", format: { type: "json_schema", schema: { type: "object" } } },
    stream: true,
  });
  expect(body("ollama_chat")).toEqual({
    model: "house/any",
    messages: [{ role: "system", content: "Be brief." }, SAID],
    tools: [{ type: "function", function: FUNCTION }],
    format: { type: "object" },
    think: "low",
    options: { temperature: 0.5, top_p: 0.9, num_predict: 64, stop: ["END", "STOP"], seed: 7 },
    stream: true,
  });
});

test("what the model cannot is not sent, though it stands in the form", () => {
  const body = bodyOf(FULL, []);
  for (const field of ["reasoning_effort", "tools", "response_format"])
    expect(body).not.toHaveProperty(field);
  expect(body).toHaveProperty("max_tokens", 64);
  expect(problems({ ...FULL, tools: "nonsense" }, []).size).toBe(0);
});

test("thinking is switched off in each dialect's own way", () => {
  const body = (dialect: Dialect) => bodyOf({ ...FULL, dialect, effort: "off" }, ALL);
  expect(body("openai_chat").reasoning_effort).toBe("none");
  expect(body("openai_responses").reasoning).toEqual({ effort: "none" });
  expect(body("anthropic_messages").thinking).toEqual({ type: "disabled" });
  expect(body("anthropic_messages").output_config).not.toHaveProperty("effort");
  expect(body("ollama_chat").think).toBe(false);
});

test("only Anthropic gets a limit that nobody wrote, and only Ollama is told not to stream", () => {
  const bare: Ask = { ...EMPTY, model: "m", stream: false };
  expect(bodyOf(bare, ALL)).toEqual({ model: "m", messages: [SAID] });
  expect(bodyOf({ ...bare, dialect: "anthropic_messages" }, ALL).max_tokens).toBe(1024);
  expect(bodyOf({ ...bare, dialect: "ollama_chat" }, ALL)).toEqual({
    model: "m",
    messages: [SAID],
    stream: false,
  });
});

test("functions may be written as OpenAI lists them", () => {
  const tools = '[{"type": "function", "function": {"name": "now"}}]';
  expect(bodyOf({ ...FULL, tools }, ALL).tools).toEqual([
    { type: "function", function: { name: "now", parameters: { type: "object", properties: {} } } },
  ]);
});

test.each([
  [{ temperature: "warm" }, "temperature"],
  [{ temperature: "3" }, "temperature"],
  [{ topP: "0" }, "topP"],
  [{ maxTokens: "0" }, "maxTokens"],
  [{ seed: "1.5" }, "seed"],
  [{ tools: "{}" }, "tools"],
  [{ tools: "[{}]" }, "tools"],
  [{ schema: "[]" }, "schema"],
  [{ messages: [] }, "messages"],
] as const)("%j is told", (change, field) => {
  expect([...problems({ ...FULL, ...change } as Ask, ALL)]).toEqual([field]);
});
