/** What people are called who have no name of their own. */
import { useLingui } from "@lingui/react/macro";
import { useCallback } from "react";
import type { PersonInfo } from "@/api/types";

export function usePersonName(): (person: PersonInfo) => string {
  const { t } = useLingui();
  return useCallback(
    ({ kind, name, email }: PersonInfo) => {
      if (kind === "service") return t`Service account`;
      return name || email || t`the local owner`;
    },
    [t],
  );
}
