/** What can be done at this moment: a page says so by useCommand while it is drawn. */
import { useEffect, useEffectEvent } from "react";
import type { CommandId } from "./catalogue";

interface Live {
  run: () => void;
  label?: string;
}

/** The last one that offered a command is the one that carries it out. */
const live = new Map<CommandId, Live[]>();

/** Offers `id` while the component is there, under `label` where the usual one is not exact; not while `run` is null. */
export function useCommand(id: CommandId, run: (() => void) | null, label?: string): void {
  const act = useEffectEvent(() => run?.());
  const offered = run !== null;
  useEffect(() => {
    if (!offered) return;
    const mine: Live = { run: () => act(), label };
    live.set(id, [...(live.get(id) ?? []), mine]);
    return () => {
      const rest = (live.get(id) ?? []).filter((item) => item !== mine);
      if (rest.length) live.set(id, rest);
      else live.delete(id);
    };
  }, [id, offered, label]);
}

/** What is offered now. */
export function offerOf(id: CommandId): Live | undefined {
  return live.get(id)?.at(-1);
}
