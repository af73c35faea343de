import { Trans, useLingui } from "@lingui/react/macro";
import type { KeyInfo, Period } from "@/api/types";
import { Bar } from "../limits/rule-row";
import { money } from "../usage/words";

/** How much of a key's budget is spent in the present period, and when the next one begins. */
export function KeySpent({ name, budget }: { name: string; budget: NonNullable<KeyInfo["budget"]> }) {
  const { i18n, t } = useLingui();
  const spent = money(i18n, budget.spent_usd);
  const limit = money(i18n, budget.usd);
  const words: Record<Period, string> = {
    day: t`${spent} of ${limit} today`,
    week: t`${spent} of ${limit} this week`,
    month: t`${spent} of ${limit} this month`,
    total: t`${spent} of ${limit} in all`,
  };
  const anew = budget.resets_at ? i18n.date(budget.resets_at, { day: "numeric", month: "long" }) : null;
  return (
    <Bar
      label={t`Budget of the key ${name} in use`}
      used={budget.spent_usd}
      limit={budget.usd}
      note={anew ? <Trans>anew on {anew}</Trans> : null}
    >
      {words[budget.period]}
    </Bar>
  );
}
