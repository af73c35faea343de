import { useLingui } from "@lingui/react/macro";
import type { CommandGroup } from "./catalogue";

export function useGroupNames(): Record<CommandGroup, string> {
  const { t } = useLingui();
  return { general: t`Everywhere`, chat: t`In a chat`, go: t`Go to`, look: t`Look` };
}
