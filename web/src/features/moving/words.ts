/** Sentences for the codes of an import's report. */
import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";

export const PRODUCTS = {
  chatgpt: "ChatGPT",
  claude: "Claude",
  lobechat: "LobeChat",
  open_webui: "Open WebUI",
  librechat: "LibreChat",
  freehold: "Freehold",
} as const;

/** Why an archive, or the rest of it, was not read; `some` of it was imported before. */
export function useRefusal(): (reason: string, some: boolean) => string {
  const { t } = useLingui();
  return (reason, some) => {
    switch (reason) {
      case "unknown_kind":
        return t`This is no export that Freehold knows. It reads the files of ChatGPT, Claude, LobeChat, Open WebUI, LibreChat and Freehold.`;
      case "broken_json":
        return some
          ? t`The file is damaged or was cut off. What came before the damage was imported. Download the export again.`
          : t`The file is damaged or was cut off. Nothing in it was imported. Download the export again.`;
      case "encrypted":
        return t`The archive is locked with a password. Unlock it and pack it anew.`;
      case "too_much_inside":
        return t`The archive holds more than can be unpacked safely.`;
      case "too_deep":
        return t`The file is nested too deeply to be read.`;
      default:
        return t`The archive is damaged and cannot be read. Download the export again.`;
    }
  };
}

/** Losses of the archive and of what it holds besides chats; the others are of one chat. */
export const OF_ARCHIVE: ReadonlySet<string> = new Set([
  "archive_part",
  "project_unreadable",
  "fact_unreadable",
  "prompt_unreadable",
  "prompt_shared",
  "no_room",
]);

/** What was not taken, and how much of it. */
export function useLoss(): (code: string, count: number) => string {
  const { t } = useLingui();
  return (code, count) => {
    switch (code) {
      case "system_message":
        return t`${plural(count, { one: "# instruction to the model", other: "# instructions to the model" })}`;
      case "hidden_message":
        return t`${plural(count, { one: "# message that the product kept hidden", other: "# messages that the product kept hidden" })}`;
      case "empty_message":
        return t`${plural(count, { one: "# empty message", other: "# empty messages" })}`;
      case "unreadable_message":
        return t`${plural(count, { one: "# message that cannot be read", other: "# messages that cannot be read" })}`;
      case "file_missing":
        return t`${plural(count, { one: "# file that is not in the archive", other: "# files that are not in the archive" })}`;
      case "file_kind":
        return t`${plural(count, { one: "# file that is neither an image nor a text", other: "# files that are neither images nor texts" })}`;
      case "file_refused":
        return t`${plural(count, { one: "# file that cannot be opened or has no room", other: "# files that cannot be opened or have no room" })}`;
      case "content_kind":
        return t`${plural(count, { one: "# piece of a kind that Freehold has no place for", other: "# pieces of a kind that Freehold has no place for" })}`;
      case "instructions":
        return t`The instructions of the chat’s assistant`;
      case "conversation_empty":
        return t`There is no message in it`;
      case "conversation_too_large":
        return t`The chat is too large`;
      case "translation":
        return t`${plural(count, { one: "# translation that cannot be read", other: "# translations that cannot be read" })}`;
      case "feedback":
        return t`${plural(count, { one: "# thumb of an answer; it counts where the answer was given", other: "# thumbs of answers; they count where the answers were given" })}`;
      case "project_unreadable":
        return t`${plural(count, { one: "# project without a name", other: "# projects without a name" })}`;
      case "fact_unreadable":
        return t`${plural(count, { one: "# remembered fact that cannot be read, or whose project is not told", other: "# remembered facts that cannot be read, or whose project is not told" })}`;
      case "prompt_unreadable":
        return t`${plural(count, { one: "# prompt that cannot be read", other: "# prompts that cannot be read" })}`;
      case "prompt_shared":
        return t`${plural(count, { one: "The sharing of # prompt: it is yours alone now", other: "The sharing of # prompts: they are yours alone now" })}`;
      case "no_room":
        return t`${plural(count, { one: "# fact or prompt that has no room: there are 500 already", other: "# facts or prompts that have no room: there are 500 already" })}`;
      case "archive_part":
        return t`${plural(count, { one: "# part that is no chat", other: "# parts that are no chats" })}`;
      default:
        return t`The chat cannot be read`;
    }
  };
}
