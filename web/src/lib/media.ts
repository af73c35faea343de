import { useSyncExternalStore } from "react";

const phone = matchMedia("(max-width: 44rem)");
const narrow = matchMedia("(max-width: 64rem)");

function useQuery(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => query.matches,
  );
}

/** One column, touch sizes. */
export const useIsPhone = () => useQuery(phone);
/** The sidebar is a drawer. */
export const useIsNarrow = () => useQuery(narrow);
