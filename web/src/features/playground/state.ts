/** What stands in the form, kept while the tab lives, reloads included; each person finds their own. */
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import { useMe } from "@/api/bootstrap";
import { type Ask, EMPTY } from "./request";

interface AskState {
  byPerson: Record<string, Ask>;
  set: (person: string, change: Partial<Ask>) => void;
}

const useAsks = create<AskState>()(
  persist(
    (set) => ({
      byPerson: {},
      set: (person, change) =>
        set(({ byPerson }) => ({
          byPerson: { ...byPerson, [person]: { ...EMPTY, ...byPerson[person], ...change } },
        })),
    }),
    { name: "freehold.playground", storage: createJSONStorage(() => sessionStorage) },
  ),
);

export function useAsk() {
  const { id } = useMe();
  const kept = useAsks((state) => state.byPerson[id]);
  const { set } = useAsks.getState();
  // what an older version left may lack fields
  return { ask: { ...EMPTY, ...kept }, set: (change: Partial<Ask>) => set(id, change) };
}
