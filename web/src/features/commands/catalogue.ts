/** Every command of the app, once: palette, shortcuts, their sheet and their settings, and tooltips read from here. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

export type CommandGroup = "general" | "chat" | "go" | "look";

interface Definition {
  label: MessageDescriptor;
  group: CommandGroup;
  /** The keys that run it until a person chooses others. */
  keys?: string;
}

const definitions = {
  "palette.open": { group: "general", label: msg`Search and commands`, keys: "mod+k" },
  "chat.new": { group: "general", label: msg`New chat`, keys: "mod+shift+o" },
  "composer.focus": { group: "general", label: msg`Go to the message field`, keys: "shift+escape" },
  "composer.dictate": { group: "general", label: msg`Dictate`, keys: "mod+shift+d" },
  "chat.talk": { group: "general", label: msg`Talk hands-free` },
  "model.switch": { group: "general", label: msg`Switch model`, keys: "mod+shift+m" },
  "sidebar.toggle": { group: "general", label: msg`Show or hide the sidebar`, keys: "mod+b" },
  "notice.undo": { group: "general", label: msg`Take back what was done last`, keys: "mod+z" },
  "shortcuts.show": { group: "general", label: msg`Keyboard shortcuts`, keys: "?" },
  "answer.stop": { group: "chat", label: msg`Stop the answer`, keys: "mod+." },
  "chat.rename": { group: "chat", label: msg`Rename this chat`, keys: "f2" },
  "chat.pin": { group: "chat", label: msg`Pin this chat` },
  "chat.fold": { group: "chat", label: msg`Fold this chat now` },
  "chat.export": { group: "chat", label: msg`Export this chat` },
  "chat.archive": { group: "chat", label: msg`Archive this chat` },
  "chat.delete": { group: "chat", label: msg`Delete this chat`, keys: "mod+shift+backspace" },
  "column.wide": { group: "chat", label: msg`Wide column` },
  "playground.run": { group: "chat", label: msg`Run the request of the playground`, keys: "mod+enter" },
  "go.chats": { group: "go", label: msg`All chats` },
  "go.pictures": { group: "go", label: msg`Pictures` },
  "go.playground": { group: "go", label: msg`Playground` },
  "go.general": { group: "go", label: msg`Look and language`, keys: "mod+," },
  "go.shortcuts": { group: "go", label: msg`Change shortcuts` },
  "go.account": { group: "go", label: msg`Account` },
  "go.memory": { group: "go", label: msg`Memory` },
  "go.keys": { group: "go", label: msg`API keys` },
  "go.prompts": { group: "go", label: msg`Prompts` },
  "go.usage": { group: "go", label: msg`Usage` },
  "go.providers": { group: "go", label: msg`Providers` },
  "go.health": { group: "go", label: msg`Health` },
  "go.faq": { group: "go", label: msg`Frequent questions` },
  "go.people": { group: "go", label: msg`People` },
  "go.groups": { group: "go", label: msg`Groups` },
  "go.limits": { group: "go", label: msg`Limits` },
  "go.system": { group: "go", label: msg`System` },
  "theme.light": { group: "look", label: msg`Theme: light` },
  "theme.dark": { group: "look", label: msg`Theme: dark` },
  "theme.system": { group: "look", label: msg`Theme: match system` },
  "language.en": { group: "look", label: msg`Language: English` },
  "language.zh": { group: "look", label: msg`Language: 简体中文` },
} satisfies Record<string, Definition>;

export type CommandId = keyof typeof definitions;

export const COMMANDS: Readonly<Record<CommandId, Definition>> = definitions;
export const COMMAND_IDS = Object.keys(definitions) as CommandId[];
