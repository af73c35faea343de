/** Programs that work as they are pasted, for one key, model and address. */

export type Client = "curl" | "openai" | "anthropic";
export type Language = "python" | "javascript";

export interface Target {
  /** Scheme, host and port of this server. */
  origin: string;
  key: string;
  model: string;
}

/** The code for a client; curl has no language. */
export function snippet(client: Client, language: Language, target: Target): string {
  if (client === "curl") return curl(target);
  return SDKS[client][language](target);
}

function curl({ origin, key, model }: Target): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }, null, 2);
  return [
    `curl ${origin}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H "Content-Type: application/json" \\`,
    // a quote inside of quotes ends them for a moment
    `  -d '${body.replaceAll("'", "'\\''")}'`,
  ].join("\n");
}

const SDKS: Record<Exclude<Client, "curl">, Record<Language, (target: Target) => string>> = {
  openai: {
    python: ({ origin, key, model }) => `from openai import OpenAI

client = OpenAI(
    base_url="${origin}/v1",
    api_key="${key}",
)
answer = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`,
    javascript: ({ origin, key, model }) => `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${origin}/v1",
  apiKey: "${key}",
});
const answer = await client.chat.completions.create({
  model: ${JSON.stringify(model)},
  messages: [{ role: "user", content: "Hello" }],
});
console.log(answer.choices[0].message.content);`,
  },
  anthropic: {
    python: ({ origin, key, model }) => `from anthropic import Anthropic

client = Anthropic(
    base_url="${origin}",
    api_key="${key}",
)
answer = client.messages.create(
    model=${JSON.stringify(model)},
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.content[0].text)`,
    javascript: ({ origin, key, model }) => `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({
  baseURL: "${origin}",
  apiKey: "${key}",
});
const answer = await client.messages.create({
  model: ${JSON.stringify(model)},
  max_tokens: 1024,
  messages: [{ role: "user", content: "Hello" }],
});
console.log(answer.content[0].text);`,
  },
};

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
