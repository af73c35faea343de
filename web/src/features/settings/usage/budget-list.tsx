import { Trans, useLingui } from "@lingui/react/macro";
import { useMe } from "@/api/bootstrap";
import type { BudgetInfo } from "@/api/types";
import { money } from "./words";

/** The budgets that hold, and how much of each is used; what each person has alike is shown as one's own. */
export function BudgetList({ budgets: every }: { budgets: BudgetInfo[] }) {
  const budgets = every.filter((budget) => budget.spent_usd !== null);
  if (budgets.length === 0) return null;
  return (
    <section aria-labelledby="budgets">
      <div className="section-head">
        <h2 id="budgets" className="big">
          <Trans>Budgets</Trans>
        </h2>
      </div>
      <ul className="budgets">
        {budgets.map((budget) => (
          <Budget key={`${budget.holder_kind} ${budget.holder_id} ${budget.period}`} budget={budget} />
        ))}
      </ul>
    </section>
  );
}

function Budget({ budget }: { budget: BudgetInfo }) {
  const { i18n, t } = useLingui();
  const me = useMe();
  const periods = { day: t`a day`, week: t`a week`, month: t`a month`, total: t`in total` };
  const name = budget.holder_id === me.id ? t`You` : (budget.holder_name ?? budget.holder_id);
  const amount = budget.spent_usd ?? 0;
  const spent = money(i18n, amount);
  const limit = money(i18n, budget.limit_usd);
  const per = periods[budget.period];
  const used = budget.limit_usd > 0 ? Math.min(1, amount / budget.limit_usd) : 1;
  const anew = budget.resets_at ? i18n.date(budget.resets_at, { day: "numeric", month: "long" }) : null;
  return (
    <li>
      <span className="budget-name break-all">{name}</span>
      <meter
        className="disk"
        aria-label={t`Budget in use: ${name}, ${per}`}
        min={0}
        max={1}
        high={0.9}
        value={used}
      />
      <span className={used >= 1 ? "text-warning" : ""}>
        <Trans>
          {spent} of {limit} {per}
        </Trans>
      </span>
      <span className="hint sm">{anew ? <Trans>anew on {anew}</Trans> : null}</span>
    </li>
  );
}
