/** What the palette offers, as lists that know nothing of how they are drawn. */
import type { I18n } from "@lingui/core";
import type { InfiniteData } from "@tanstack/react-query";
import type { LucideIcon } from "lucide-react";
import { Cloud, House, MessageSquare, SquarePen } from "lucide-react";
import { queryClient } from "@/api/query-client";
import type { Marked, ModelInfo, SearchPage, Thread, ThreadPage } from "@/api/types";
import { type Chosen, keysOf } from "@/features/commands/bindings";
import { COMMAND_IDS, COMMANDS, type CommandId } from "@/features/commands/catalogue";
import { offerOf } from "@/features/commands/registry";
import { keysLabel } from "@/lib/keys";
import { ICONS } from "./icons";
import { find, type Named } from "./match";

export interface Item extends Named {
  id: string;
  icon: LucideIcon;
  /** Stands at the end of the line: keys, a day, where a model runs. */
  end?: string;
  /** A piece of a message around what was found in it. */
  snippet?: Marked;
  /** The text with what was found in it. */
  marked?: Marked;
  run: () => void;
}

export interface Section {
  key: "do" | "chats" | "models" | "messages" | "ask" | "prompts" | "more";
  items: Item[];
}

/** What can be done now. */
export function commandItems(i18n: I18n, chosen: Chosen): Item[] {
  return COMMAND_IDS.flatMap((id) => {
    const offer = offerOf(id);
    if (!offer || id === "palette.open") return [];
    return [
      {
        id,
        icon: ICONS[id],
        text: offer.label ?? i18n._(COMMANDS[id].label),
        alias: id.replace(".", " "), // its English word helps in every language
        end: keysLabel(keysOf(id, chosen)),
        run: offer.run,
      },
    ];
  });
}

/** The chats that this tab knows, the latest first. */
export function knownThreads(): Thread[] {
  const lists = queryClient.getQueriesData<InfiniteData<ThreadPage>>({ queryKey: ["threads"] });
  const all = lists.flatMap(([, list]) => list?.pages.flatMap((page) => page.items) ?? []);
  const byId = new Map(all.map((thread) => [thread.id, thread]));
  return [...byId.values()].sort((a, b) => (a.last_activity_at < b.last_activity_at ? 1 : -1));
}

export function threadItems(day: (thread: Thread) => string, open: (id: string) => void): Item[] {
  return knownThreads()
    .filter((thread) => thread.title)
    .map((thread) => ({
      id: `chat:${thread.id}`,
      icon: MessageSquare,
      text: thread.title,
      end: day(thread),
      run: () => open(thread.id),
    }));
}

/** What the server found, one line for each chat. */
export function foundItems(
  page: SearchPage,
  day: (moment: string) => string,
  open: (id: string, message?: string) => void,
): Item[] {
  return page.items.map(({ thread_id: id, title, hits, last_activity_at: last }) => ({
    id: `found:${id}:${hits[0]?.message_id ?? ""}`,
    icon: MessageSquare,
    text: title.text,
    marked: title,
    snippet: hits[0]?.snippet,
    end: day(hits[0]?.created_at ?? last),
    run: () => open(id, hits[0]?.message_id),
  }));
}

export function modelItems(
  models: ModelInfo[],
  where: (model: ModelInfo) => string,
  pick: (ref: string) => void,
): Item[] {
  return models.map((model) => ({
    id: `model:${model.ref}`,
    icon: model.self_hosted ? House : Cloud,
    text: model.name,
    alias: model.ref,
    end: where(model),
    run: () => pick(model.ref),
  }));
}

/** A chat that begins with what was typed. */
export function askItem(text: string, label: string, keys: string, begin: (text: string) => void): Item {
  return { id: "ask", icon: SquarePen, text: label, end: keys, run: () => begin(text) };
}

/** Shown before anything is typed: what one does most. */
const FIRST: CommandId[] = ["chat.new", "model.switch", "shortcuts.show", "go.general"];

interface Offered {
  commands: Item[];
  threads: Item[];
  models: Item[];
}

/** What fits `query`, in sections, the one with the best line first; to ask it is always possible, and last. */
export function sectionsFor(
  query: string,
  { commands, threads, models }: Offered,
  messages: Item[],
  ask: Item | null,
): Section[] {
  const asked = query.trim();
  const first = commands.filter((item) => FIRST.includes(item.id as CommandId));
  const kinds = [
    { key: "do" as const, found: asked ? find(asked, commands, 6) : find("", first, 6) },
    { key: "chats" as const, found: find(asked, threads, 6) },
    { key: "models" as const, found: asked || !commands.length ? find(asked, models, asked ? 4 : 100) : [] },
  ];
  const sections = kinds
    .filter(({ found }) => found.length > 0)
    .sort((a, b) => (b.found[0]?.score ?? 0) - (a.found[0]?.score ?? 0))
    .map(({ key, found }): Section => ({ key, items: found.map(({ item }) => item) }));
  // a chat whose title was found here already says nothing new without a message
  const known = new Set(sections.flatMap(({ items }) => items.map(({ id }) => id)));
  const news = messages.filter(({ id, snippet }) => snippet || !known.has(`chat:${id.split(":")[1]}`));
  if (news.length) sections.push({ key: "messages", items: news });
  if (ask) sections.push({ key: "ask", items: [ask] });
  return sections;
}
