import { useLingui } from "@lingui/react/macro";
import type { Rules } from "@/api/types";

type Shown = Rules["auto"];
type Check = NonNullable<Shown["cascade"]>["checks"][number];

/** The words for what Auto may be set to. */
export function useAutoWords() {
  const { t } = useLingui();
  const objectives: Record<Shown["objective"], string> = {
    balanced: t`cost and quality alike`,
    cost: t`cost`,
    quality: t`quality`,
    latency: t`speed`,
  };
  const checks: Record<Check, string> = {
    empty: t`empty`,
    truncated: t`cut off`,
    refused: t`a refusal`,
    invalid_json: t`invalid JSON`,
    invalid_tool_call: t`an invalid tool call`,
    unsure: t`unsure`,
  };
  return { objectives, checks };
}
