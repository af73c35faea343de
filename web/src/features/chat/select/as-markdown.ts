/** Selected messages as one Markdown text. Pure. */
import type { Message } from "@/api/types";
import { textOf } from "../tree";

/** Each under who said it; one alone is only its words. */
export function asMarkdown(messages: Message[], speaker: (message: Message) => string): string {
  const [first, ...rest] = messages;
  if (first && rest.length === 0) return words(first);
  return messages.map((message) => `## ${speaker(message)}\n\n${words(message)}\n`).join("\n");
}

function words(message: Message): string {
  const pictures = message.parts.flatMap((part) =>
    part.type === "image" && part.name ? `*${part.name}*` : [],
  );
  return [...pictures, textOf(message).trim()].filter(Boolean).join("\n\n");
}
