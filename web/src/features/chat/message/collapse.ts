/** Which long messages are collapsed. It is remembered while the page lives: a message far from the view is not drawn. */
import { create } from "zustand";
import type { Message } from "@/api/types";
import { textOf } from "../tree";

/** More than this can be collapsed, and what one wrote oneself is: it was pasted, and its author knows it. */
const LINES = 16;
const CHARACTERS = 1600;

export function isLong(text: string): boolean {
  return text.length > CHARACTERS || text.split("\n", LINES + 1).length > LINES;
}

/** What was chosen, by the id of the message. */
const useChoices = create<Record<string, boolean>>(() => ({}));

/** Whether a message is collapsed: of those that are long one's own are until they are opened, answers when one says so. */
export function useCollapsed(message: Message): boolean {
  const choice = useChoices((choices) => choices[message.id]);
  return (choice ?? message.role === "user") && isLong(textOf(message));
}

export function setCollapsed(id: string, collapsed: boolean): void {
  useChoices.setState({ [id]: collapsed });
}
