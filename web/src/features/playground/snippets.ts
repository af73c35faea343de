/** Programs that work as they are pasted: the request of the playground, for one key and address. */
import type { Ability } from "@/api/types";
import { javascript, python } from "./literals";
import { type Ask, type Body, bodyOf, type Dialect, PATHS } from "./request";

export type Client = "curl" | "openai" | "anthropic" | "ollama";
export type Language = "python" | "javascript";

export const LANGUAGES: Record<Client, Language[]> = {
  curl: [],
  openai: ["python", "javascript"],
  anthropic: ["python", "javascript"],
  ollama: ["python"],
};

export interface Target {
  /** Scheme, host and port of this server. */
  origin: string;
  key: string;
  /** Of the model that is asked. */
  abilities: readonly Ability[] | undefined;
}

/** The same request by that client; curl has no language and speaks the dialect of the request. */
export function snippet(client: Client, language: Language, ask: Ask, target: Target): string {
  const dialect = dialectOf(client, ask.dialect);
  const body = bodyOf({ ...ask, dialect }, target.abilities);
  if (client === "curl") return curl(PATHS[dialect], body, target);
  if (client === "ollama") return ollama(body, target);
  const named = client === "anthropic" ? client : dialect === "openai_responses" ? "responses" : "chat";
  return language === "python" ? inPython(named, body, target) : inJavascript(named, body, target);
}

function dialectOf(client: Client, chosen: Dialect): Dialect {
  if (client === "curl") return chosen;
  if (client === "ollama") return "ollama_chat";
  if (client === "anthropic") return "anthropic_messages";
  return chosen === "openai_responses" ? chosen : "openai_chat";
}

function curl(path: string, body: Body, { origin, key }: Target): string {
  return [
    `curl ${body.stream ? "-N " : ""}${origin}${path} \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H "Content-Type: application/json" \\`,
    // a quote inside of quotes ends them for a moment
    `  -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`,
  ].join("\n");
}

type Sdk = "chat" | "responses" | "anthropic";

interface Call {
  method: string;
  /** What prints a whole answer, a whole answer with calls, and the loop over a stream. */
  whole: string;
  calls: string;
  stream: string;
}

const PYTHON: Record<Sdk, Call> = {
  chat: {
    method: "client.chat.completions.create",
    whole: "print(answer.choices[0].message.content)",
    calls: "print(answer.choices[0].message.tool_calls or answer.choices[0].message.content)",
    stream: `for chunk in answer:
    for choice in chunk.choices:
        print(choice.delta.content or "", end="", flush=True)
print()`,
  },
  responses: {
    method: "client.responses.create",
    whole: "print(answer.output_text)",
    calls: "print(answer.output)",
    stream: `for event in answer:
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)
print()`,
  },
  anthropic: {
    method: "client.messages.create",
    whole: 'print("".join(block.text for block in answer.content if block.type == "text"))',
    calls: "print(answer.content)",
    stream: `for event in answer:
    if event.type == "content_block_delta" and event.delta.type == "text_delta":
        print(event.delta.text, end="", flush=True)
print()`,
  },
};

const JAVASCRIPT: Record<Sdk, Call> = {
  chat: {
    method: "client.chat.completions.create",
    whole: "console.log(answer.choices[0].message.content);",
    calls: "console.log(answer.choices[0].message.tool_calls ?? answer.choices[0].message.content);",
    stream: `for await (const chunk of answer) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
}`,
  },
  responses: {
    method: "client.responses.create",
    whole: "console.log(answer.output_text);",
    calls: "console.log(answer.output);",
    stream: `for await (const event of answer) {
  if (event.type === "response.output_text.delta") process.stdout.write(event.delta);
}`,
  },
  anthropic: {
    method: "client.messages.create",
    whole: 'console.log(answer.content.map((block) => block.text ?? "").join(""));',
    calls: "console.log(answer.content);",
    stream: `for await (const event of answer) {
  if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
    process.stdout.write(event.delta.text);
  }
}`,
  },
};

const after = (call: Call, body: Body) => (body.stream ? call.stream : body.tools ? call.calls : call.whole);
/** Anthropic's clients add /v1 to the address themselves. */
const address = (sdk: Sdk, origin: string) => (sdk === "anthropic" ? origin : `${origin}/v1`);

/** Fields that Anthropic's API takes of its older models, and its client in Python by no name of its own. */
const BESIDE = ["temperature", "top_p"];

function besides(body: Body): Body {
  const extra = Object.fromEntries(BESIDE.filter((name) => name in body).map((name) => [name, body[name]]));
  const known = Object.fromEntries(Object.entries(body).filter(([name]) => !(name in extra)));
  return Object.keys(extra).length ? { ...known, extra_body: extra } : body;
}

/** Fields as arguments, one to a line. */
function keywords(body: Body): string {
  return Object.entries(body)
    .map(([name, value]) => `    ${name}=${python(value ?? null, 1)},\n`)
    .join("");
}

function inPython(sdk: Sdk, body: Body, { origin, key }: Target): string {
  const [module, name] = sdk === "anthropic" ? ["anthropic", "Anthropic"] : ["openai", "OpenAI"];
  const call = PYTHON[sdk];
  return `from ${module} import ${name}

client = ${name}(
    base_url="${address(sdk, origin)}",
    api_key="${key}",
)
answer = ${call.method}(
${keywords(sdk === "anthropic" ? besides(body) : body)})
${after(call, body)}`;
}

function inJavascript(sdk: Sdk, body: Body, { origin, key }: Target): string {
  const [module, name] = sdk === "anthropic" ? ["@anthropic-ai/sdk", "Anthropic"] : ["openai", "OpenAI"];
  const call = JAVASCRIPT[sdk];
  const fields = Object.entries(body).map(
    ([field, value]) => `  ${field}: ${javascript(value ?? null, 1)},\n`,
  );
  return `import ${name} from "${module}";

const client = new ${name}({
  baseURL: "${address(sdk, origin)}",
  apiKey: "${key}",
});
const answer = await ${call.method}({
${fields.join("")}});
${after(call, body)}`;
}

function ollama(body: Body, { origin, key }: Target): string {
  const print = body.stream
    ? `for chunk in answer:
    print(chunk.message.content or "", end="", flush=True)
print()`
    : body.tools
      ? "print(answer.message.tool_calls or answer.message.content)"
      : "print(answer.message.content)";
  return `from ollama import Client

client = Client(
    host="${origin}/ollama",
    headers={"Authorization": "Bearer ${key}"},
)
answer = client.chat(
${keywords(body)})
${print}`;
}

/** A model that the key may ask: the usual one where its patterns let it, else the first they name or match. */
export function exampleModel(patterns: string[], models: string[], usual: string | null | undefined): string {
  const allowed = (ref: string) => patterns.some((pattern) => matches(pattern, ref));
  if (usual && allowed(usual)) return usual;
  const plain = patterns.find((pattern) => !/[*?[]/.test(pattern));
  return plain ?? models.find(allowed) ?? usual ?? "provider/model";
}

/** As the server matches: against provider/model and against the model's own id. */
function matches(pattern: string, ref: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".")
    .replaceAll("[!", "[^");
  try {
    const whole = new RegExp(`^(?:${source})$`, "su");
    return whole.test(ref) || whole.test(ref.slice(ref.indexOf("/") + 1));
  } catch {
    return pattern === ref;
  }
}
