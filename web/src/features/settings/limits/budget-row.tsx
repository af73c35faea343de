import { Trans, useLingui } from "@lingui/react/macro";
import { addBudget, removeBudget } from "@/api/limits";
import type { BudgetInfo } from "@/api/types";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { usePeriodNames } from "../keys/words";
import { money } from "../usage/words";
import { Bar, RuleRow } from "./rule-row";
import { useHolderName } from "./words";

/** One budget and how much of its present period is spent. */
export function BudgetRow({ budget, onChange }: { budget: BudgetInfo; onChange: () => void }) {
  const { i18n, t } = useLingui();
  const report = useReport();
  const periods = usePeriodNames();
  const { id, holder_kind, holder_id, period, limit_usd: usd, resets_at: resets } = budget;
  const name = useHolderName()(budget);
  const per = periods[period];
  const limit = money(i18n, usd);
  const spent = budget.spent_usd === null ? null : money(i18n, budget.spent_usd);
  const reserved = budget.reserved_usd ? money(i18n, budget.reserved_usd) : null;
  const anew = resets ? i18n.date(resets, { day: "numeric", month: "long" }) : null;
  const remove = async () => {
    if (!id) return;
    await removeBudget(id);
    const undo = () => void addBudget({ holder_kind, holder_id, period, usd }).catch(report);
    toast(t`The budget of ${name} is lifted.`, { undo });
  };
  return (
    <RuleRow
      kind={holder_kind}
      name={name}
      id={id}
      locked={budget.origin === "file"}
      onChange={onChange}
      onRemove={() => void remove().catch(report)}
    >
      <Bar
        label={t`Budget in use: ${name}, ${per}`}
        used={budget.spent_usd}
        limit={usd}
        note={
          <>
            {reserved ? <Trans>{reserved} reserved</Trans> : null}
            {reserved && anew && spent ? " · " : null}
            {anew && spent ? <Trans>anew on {anew}</Trans> : null}
          </>
        }
      >
        {spent ? (
          <Trans>
            {spent} of {limit} {per}
          </Trans>
        ) : (
          <Trans>
            {limit} {per}
          </Trans>
        )}
      </Bar>
    </RuleRow>
  );
}
