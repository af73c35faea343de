/** Which keys run which command: those of the catalogue, unless the person chose others. */
import { COMMAND_IDS, COMMANDS, type CommandId } from "./catalogue";

export type Chosen = Record<string, string>;

/** The keys of a command; empty when none run it. */
export function keysOf(id: CommandId, chosen: Chosen): string {
  return chosen[id] ?? COMMANDS[id].keys ?? "";
}

/** The commands that `keys` run. More than one only where a new version gave a command keys that a person had taken. */
export function commandsOn(keys: string, chosen: Chosen): CommandId[] {
  if (!keys) return [];
  const found = COMMAND_IDS.filter((id) => keysOf(id, chosen) === keys);
  return found.sort((a, b) => Number(b in chosen) - Number(a in chosen));
}

/** `chosen` after a command got its keys; what had them before has none. What is as in the catalogue is not kept. */
export function rebind(id: CommandId, keys: string, chosen: Chosen): Chosen {
  const next: Chosen = { ...chosen };
  for (const other of commandsOn(keys, chosen)) if (other !== id) next[other] = "";
  next[id] = keys;
  const known = COMMAND_IDS.filter((one) => one in next && next[one] !== (COMMANDS[one].keys ?? ""));
  return Object.fromEntries(known.map((one) => [one, next[one] ?? ""]));
}
