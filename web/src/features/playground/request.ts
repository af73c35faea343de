/** What is asked in the playground, and the body that asks it in each dialect. */
import type { Ability } from "@/api/types";

export type Dialect = "openai_chat" | "openai_responses" | "anthropic_messages" | "ollama_chat";
export type Effort = "" | "off" | "low" | "medium" | "high";

export const PATHS: Record<Dialect, string> = {
  openai_chat: "/v1/chat/completions",
  openai_responses: "/v1/responses",
  anthropic_messages: "/v1/messages",
  ollama_chat: "/ollama/api/chat",
};

export interface Said {
  /** For React; of no meaning. */
  id: string;
  role: "user" | "assistant";
  text: string;
}

/** Texts as they stand in the form; empty ones are not sent. */
export interface Ask {
  model: string;
  dialect: Dialect;
  system: string;
  messages: Said[];
  temperature: string;
  topP: string;
  maxTokens: string;
  /** One to a line. */
  stop: string;
  seed: string;
  effort: Effort;
  /** A JSON list of functions: name, description, parameters. */
  tools: string;
  /** The JSON schema of the answer. */
  schema: string;
  stream: boolean;
}

export const EMPTY: Ask = {
  model: "",
  dialect: "openai_chat",
  system: "",
  messages: [{ id: "first", role: "user", text: "Hello" }],
  temperature: "",
  topP: "",
  maxTokens: "",
  stop: "",
  seed: "",
  effort: "",
  tools: "",
  schema: "",
  stream: true,
};

export type Field = keyof Omit<Ask, "model" | "dialect" | "messages" | "stream">;
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json | undefined };
export type Body = { [name: string]: Json | undefined };

const NEEDS: Partial<Record<Field, Ability>> = {
  effort: "reasoning",
  tools: "tools",
  schema: "json_schema",
};
/** What a dialect has no field for. */
const LACKS: Partial<Record<Dialect, Field[]>> = {
  openai_responses: ["stop", "seed"],
  anthropic_messages: ["seed"],
};
/** Anthropic's API demands a limit. */
const ANTHROPIC_LIMIT = 1024;

/** Whether the model and the dialect know the field; what they do not is neither shown nor sent. */
export function takes(field: Field, dialect: Dialect, abilities: readonly Ability[] | undefined): boolean {
  const needed = NEEDS[field];
  if (needed && !abilities?.includes(needed)) return false;
  return !LACKS[dialect]?.includes(field);
}

/** The fields that cannot be sent as they are. */
export function problems(ask: Ask, abilities: readonly Ability[] | undefined): Set<keyof Ask> {
  const found = new Set<keyof Ask>();
  const wrong = (field: Field, right: (text: string) => boolean) => {
    const text = ask[field].trim();
    if (text && takes(field, ask.dialect, abilities) && !right(text)) found.add(field);
  };
  wrong("temperature", (text) => Number(text) >= 0 && Number(text) <= 2);
  wrong("topP", (text) => Number(text) > 0 && Number(text) <= 1);
  wrong("maxTokens", (text) => /^[1-9]\d{0,7}$/.test(text));
  wrong("seed", (text) => /^-?\d{1,15}$/.test(text));
  wrong("tools", (text) => functions(text) !== undefined);
  wrong("schema", (text) => isObject(parsed(text)));
  if (!ask.messages.some((said) => said.text.trim())) found.add("messages");
  return found;
}

/** The body of a request without problems; fields that the model or the dialect does not take are left out. */
export function bodyOf(ask: Ask, abilities: readonly Ability[] | undefined): Body {
  const text = (field: Field) => (takes(field, ask.dialect, abilities) ? ask[field].trim() : "");
  const number = (field: Field) => (text(field) ? Number(text(field)) : undefined);
  const common = {
    effort: text("effort") as Effort,
    maxTokens: number("maxTokens"),
    schema: parsed(text("schema")),
    seed: number("seed"),
    stop: text("stop").split("\n").filter(Boolean),
    system: ask.system.trim(),
    temperature: number("temperature"),
    thinks: abilities?.includes("reasoning") ?? false,
    tools: functions(text("tools")) ?? [],
    topP: number("topP"),
  };
  const said = ask.messages.filter((one) => one.text.trim());
  const messages = said.map(({ role, text: content }) => ({ role, content }));
  return pruned(DIALECTS[ask.dialect]({ model: ask.model, stream: ask.stream, messages, ...common }));
}

interface Wish {
  model: string;
  stream: boolean;
  messages: { role: string; content: string }[];
  system: string;
  effort: Effort;
  maxTokens: number | undefined;
  temperature: number | undefined;
  topP: number | undefined;
  seed: number | undefined;
  stop: string[];
  thinks: boolean;
  tools: Body[];
  schema: Json | undefined;
}

const withSystem = ({ system, messages }: Wish) =>
  system ? [{ role: "system", content: system }, ...messages] : messages;
const asFunction = (tool: Body) => ({ type: "function", function: tool });

const DIALECTS: Record<Dialect, (wish: Wish) => Body> = {
  openai_chat: (wish) => ({
    model: wish.model,
    messages: withSystem(wish),
    temperature: wish.temperature,
    top_p: wish.topP,
    // the newer name, which models that think insist on and many servers do not know
    [wish.thinks ? "max_completion_tokens" : "max_tokens"]: wish.maxTokens,
    stop: some(wish.stop),
    seed: wish.seed,
    reasoning_effort: wish.effort === "off" ? "none" : wish.effort || undefined,
    tools: some(wish.tools.map(asFunction)),
    response_format: wish.schema && {
      type: "json_schema",
      json_schema: { name: "answer", schema: wish.schema },
    },
    stream: wish.stream || undefined,
    stream_options: wish.stream ? { include_usage: true } : undefined,
  }),
  openai_responses: (wish) => ({
    model: wish.model,
    instructions: wish.system || undefined,
    input: wish.messages,
    temperature: wish.temperature,
    top_p: wish.topP,
    max_output_tokens: wish.maxTokens,
    reasoning: wish.effort ? { effort: wish.effort === "off" ? "none" : wish.effort } : undefined,
    tools: some(wish.tools.map((tool) => ({ type: "function", ...tool }))),
    text: wish.schema && { format: { type: "json_schema", name: "answer", schema: wish.schema } },
    stream: wish.stream || undefined,
  }),
  anthropic_messages: (wish) => ({
    model: wish.model,
    max_tokens: wish.maxTokens ?? ANTHROPIC_LIMIT,
    system: wish.system || undefined,
    messages: wish.messages,
    temperature: wish.temperature,
    top_p: wish.topP,
    stop_sequences: some(wish.stop),
    thinking: wish.effort ? { type: wish.effort === "off" ? "disabled" : "adaptive" } : undefined,
    tools: some(wish.tools.map(({ parameters, ...tool }) => ({ ...tool, input_schema: parameters }))),
    output_config: some({
      effort: wish.effort && wish.effort !== "off" ? wish.effort : undefined,
      format: wish.schema && { type: "json_schema", schema: wish.schema },
    }),
    stream: wish.stream || undefined,
  }),
  ollama_chat: (wish) => ({
    model: wish.model,
    messages: withSystem(wish),
    tools: some(wish.tools.map(asFunction)),
    format: wish.schema,
    think: wish.effort === "off" ? false : wish.effort || undefined,
    options: some({
      temperature: wish.temperature,
      top_p: wish.topP,
      num_predict: wish.maxTokens,
      stop: some(wish.stop),
      seed: wish.seed,
    }),
    stream: wish.stream, // which is true where it is left out
  }),
};

const some = <T extends object>(value: T): T | undefined =>
  Object.values(value).some((item) => item !== undefined) ? value : undefined;

/** Without what is undefined, inside as well. */
function pruned(body: Body): Body {
  return JSON.parse(JSON.stringify(body)) as Body;
}

const isObject = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string): Json | undefined {
  try {
    return text.trim() ? (JSON.parse(text) as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** Functions as OpenAI lists them or bare; undefined when it is no list of functions. */
function functions(text: string): Body[] | undefined {
  const list = parsed(text);
  if (!Array.isArray(list)) return undefined;
  const found: Body[] = [];
  for (const item of list) {
    const bare = isObject(item) && isObject(item.function) ? item.function : item;
    if (!isObject(bare) || typeof bare.name !== "string" || !bare.name) return undefined;
    const { name, description, parameters } = bare;
    if (parameters !== undefined && !isObject(parameters)) return undefined;
    found.push({ name, description, parameters: parameters ?? { type: "object", properties: {} } });
  }
  return found;
}
