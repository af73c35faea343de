/** The message tree: branches are parent pointers, what is shown is the path from a root to one leaf. */
import type { Message } from "@/api/types";

type Node = Pick<Message, "id" | "parent_id">;

/** Siblings of a message in the order of creation, itself among them. `messages` is in the order of creation. */
export function siblingsOf<T extends Node>(messages: T[], message: T): T[] {
  return messages.filter((item) => item.parent_id === message.parent_id);
}

/** The end of the branch that goes on from `id`: always the youngest child. */
export function leafUnder<T extends Node>(messages: T[], id: string): string {
  const seen = new Set<string>();
  let leaf = id;
  while (!seen.has(leaf)) {
    seen.add(leaf);
    const above = leaf;
    leaf = messages.findLast((item) => item.parent_id === above)?.id ?? leaf;
  }
  return leaf;
}

/**
 * The messages from the root to the end of the branch that `leafId` is on. A leaf that is gone, or none, gives the youngest
 * branch. A parent that is missing or a circle ends the path instead of hanging.
 */
export function pathTo<T extends Node>(messages: T[], leafId: string | null): T[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const start = leafId && byId.has(leafId) ? leafUnder(messages, leafId) : messages.at(-1)?.id;
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
