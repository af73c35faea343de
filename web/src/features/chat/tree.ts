/** The message tree: branches are parent pointers, what is shown is the path from a root to one leaf. */
import type { Message } from "@/api/types";

type Node = Pick<Message, "id" | "parent_id">;
/** At each fork, by the id above it, the branch that was looked at last. */
type Choices = Record<string, string>;
/** The choice at a fork whose answers stand side by side, because none was kept yet. */
export const ALL = "all";

/** Siblings of a message in the order of creation, itself among them. `messages` is in the order of creation. */
export function siblingsOf<T extends Node>(messages: T[], message: T): T[] {
  return messages.filter((item) => item.parent_id === message.parent_id);
}

/** The siblings of every message, by their parent, found in one pass: a long chat has thousands. */
export function childrenOf<T extends Node>(messages: T[]): Map<string | null, T[]> {
  const found = new Map<string | null, T[]>();
  for (const message of messages) {
    const siblings = found.get(message.parent_id);
    if (siblings) siblings.push(message);
    else found.set(message.parent_id, [message]);
  }
  return found;
}

/** Whether the message is one of answers that stand side by side. */
export function isCompared(message: Node, siblings: Node[], choices: Choices = {}): boolean {
  return siblings.length > 1 && message.parent_id !== null && choices[message.parent_id] === ALL;
}

/**
 * The end of the branch that goes on from `id`: the way that was taken last, else always the youngest child. Of answers
 * that stand side by side it is the first, or with `above` the message that they answer.
 */
export function leafUnder<T extends Node>(
  messages: T[],
  id: string,
  choices: Choices = {},
  above = false,
): string {
  const seen = new Set<string>();
  let leaf = id;
  while (!seen.has(leaf)) {
    seen.add(leaf);
    const children = messages.filter((item) => item.parent_id === leaf);
    const compared = children.length > 1 && choices[leaf] === ALL;
    if (compared && above) return leaf;
    const chosen = compared ? children[0] : children.find((item) => item.id === choices[leaf]);
    leaf = (chosen ?? children.at(-1))?.id ?? leaf;
  }
  return leaf;
}

/**
 * The messages from the root to the end of the branch that `leafId` is on. A leaf that is gone, or none, gives the youngest
 * branch. A parent that is missing or a circle ends the path instead of hanging.
 */
export function pathTo<T extends Node>(messages: T[], leafId: string | null, choices: Choices = {}): T[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const start = leafId && byId.has(leafId) ? leafUnder(messages, leafId, choices) : messages.at(-1)?.id;
  const path: T[] = [];
  const seen = new Set<string>();
  for (let item = start ? byId.get(start) : undefined; item && !seen.has(item.id); ) {
    seen.add(item.id);
    path.unshift(item);
    item = item.parent_id ? byId.get(item.parent_id) : undefined;
  }
  return path;
}

/** The text of a message as Markdown, without its reasoning. */
export function textOf(message: Pick<Message, "parts">): string {
  return message.parts
    .filter((part) => part.type === "text")
    .map((part) => part.text)
    .join("\n\n");
}
