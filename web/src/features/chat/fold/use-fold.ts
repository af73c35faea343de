import { useLocation, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Fold, Message } from "@/api/types";
import { foldedIn, foldOn } from "./folds";

/** What is folded on the shown branch, and whether its messages are shown all the same. */
export function useFold(path: Message[], folds: Fold[]) {
  const fold = foldOn(path, folds);
  const folded = foldedIn(path, fold);
  const [choice, setChoice] = useState<{ id: string; open: boolean } | null>(null);
  const wanted = useSearch({ strict: false, select: ({ message }) => message });
  const visit = useLocation({ select: ({ state }) => state.__TSR_key });
  const inside = wanted !== undefined && folded.has(wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a link to a folded message opens it at every visit
  useEffect(() => {
    if (inside) setChoice(null);
  }, [visit, inside]);
  const open = fold !== undefined && (choice?.id === fold.id ? choice.open : inside);
  return {
    fold,
    folded,
    open,
    setOpen: (value: boolean) => fold && setChoice({ id: fold.id, open: value }),
    shown: open || !fold ? path : path.filter((message) => !folded.has(message.id)),
  };
}
