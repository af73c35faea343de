/** What the menu offers at `/` and at `@`, as the palette's rows. */
import { NotebookText } from "lucide-react";
import type { Prompt } from "@/api/types";
import type { Item, Section } from "@/features/palette/items";
import { find } from "@/features/palette/match";

const MOST = 8;
/** Of no use where one is already, or in the middle of writing. */
const LEFT_OUT = ["composer.focus", "notice.undo", "playground.run", "answer.stop"];

/** Tags help to find a prompt. `run` is what choosing it does. */
export function promptItems(prompts: Prompt[], choose: (prompt: Prompt) => void): Item[] {
  return prompts.map((prompt) => ({
    id: `prompt:${prompt.id}`,
    icon: NotebookText,
    text: prompt.title,
    alias: prompt.tags.join(" "),
    end: prompt.mine ? undefined : prompt.owner_name || undefined,
    run: () => choose(prompt),
  }));
}

/** Prompts and commands that fit; prompts first, until something is typed that fits a command better. */
export function slashSections(query: string, prompts: Item[], commands: Item[], manage: Item): Section[] {
  const offered = commands.filter(({ id }) => !LEFT_OUT.includes(id));
  const kinds = [
    { key: "prompts" as const, found: find(query, prompts, MOST) },
    { key: "do" as const, found: find(query, offered, query ? 5 : 4) },
  ];
  const sections = kinds
    .filter(({ found }) => found.length > 0)
    .sort((a, b) => (b.found[0]?.score ?? 0) - (a.found[0]?.score ?? 0))
    .map(({ key, found }): Section => ({ key, items: found.map(({ item }) => item) }));
  return query ? sections : [...sections, { key: "more", items: [manage] }];
}

export function atSections(query: string, models: Item[]): Section[] {
  const found = find(query, models, query ? MOST : 50);
  return found.length ? [{ key: "models", items: found.map(({ item }) => item) }] : [];
}
