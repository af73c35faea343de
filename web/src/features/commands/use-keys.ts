import { useBootstrap } from "@/api/bootstrap";
import { keysLabel } from "@/lib/keys";
import { type Chosen, keysOf } from "./bindings";
import type { CommandId } from "./catalogue";

const NO_CHOICE: Chosen = {};

/** The keys that the person chose in place of those of the catalogue. */
export function useChosenKeys(): Chosen {
  return useBootstrap().me?.preferences.shortcuts ?? NO_CHOICE;
}

/** The keys of a command; empty when there are none. */
export function useKeys(id: CommandId): string {
  return keysOf(id, useChosenKeys());
}

/** The keys of a command as people see them, for a tooltip or a menu; undefined when there are none. */
export function useKeysLabel(id: CommandId): string | undefined {
  return keysLabel(useKeys(id)) || undefined;
}
