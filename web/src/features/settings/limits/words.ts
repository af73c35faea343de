/** Whom a rule is for, in the reader's language. */
import { useLingui } from "@lingui/react/macro";
import { useCallback } from "react";
import { useMe } from "@/api/bootstrap";
import type { RuleKind } from "@/api/types";

interface Rule {
  holder_kind: RuleKind;
  holder_id: string;
  holder_name: string | null;
}

export function useHolderName(): (rule: Rule) => string {
  const { t } = useLingui();
  const me = useMe();
  return useCallback(
    ({ holder_kind: kind, holder_id: id, holder_name: name }: Rule) => {
      if (kind === "everyone") return t`Each person`;
      return kind === "user" && id === me.id ? (name ?? t`You`) : (name ?? id);
    },
    [t, me.id],
  );
}
