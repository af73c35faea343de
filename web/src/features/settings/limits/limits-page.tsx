import "@/styles/admin.css";
import { Trans } from "@lingui/react/macro";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useLimits } from "@/api/limits";
import type { BudgetInfo, LimitInfo } from "@/api/types";
import { useBudgets } from "@/api/usage";
import { Button } from "@/components/ui/button";
import { Loaded, Page } from "../page";
import { BudgetForm } from "./budget-form";
import { BudgetRow } from "./budget-row";
import { LimitForm } from "./limit-form";
import { LimitRow } from "./limit-row";

type Open = { kind: "budget"; budget?: BudgetInfo } | { kind: "limit"; limit?: LimitInfo } | null;

/** What may be spent, and how much may be asked at a time; with what is used of it now. */
export function LimitsPage() {
  const budgets = useBudgets();
  const limits = useLimits();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title={<Trans>Limits</Trans>}
      lead={
        <Trans>
          Whoever asks needs room under every rule that applies: of the person, of each of their groups, of
          the model, and of the API key.
        </Trans>
      }
    >
      <section aria-labelledby="budget-rules">
        <div className="section-head first">
          <div className="grow">
            <h2 id="budget-rules" className="big">
              <Trans>Budgets</Trans>
            </h2>
            <p className="hint sm">
              <Trans>What may be spent on models outside. Models in the house cost nothing.</Trans>
            </p>
          </div>
          <Button onClick={() => setOpen({ kind: "budget" })}>
            <Plus />
            <Trans>New budget</Trans>
          </Button>
        </div>
        <Loaded query={budgets}>
          {(every) => {
            const rules = withoutOwnShare(every);
            return rules.length ? (
              <ul className="card rows rules">
                {rules.map((budget) => (
                  <BudgetRow
                    key={`${budget.holder_kind} ${budget.holder_id} ${budget.period}`}
                    budget={budget}
                    onChange={() => setOpen({ kind: "budget", budget })}
                  />
                ))}
              </ul>
            ) : (
              <p className="card pad quiet">
                <Trans>Nothing limits what is spent.</Trans>
              </p>
            );
          }}
        </Loaded>
      </section>
      <section aria-labelledby="limit-rules">
        <div className="section-head">
          <div className="grow">
            <h2 id="limit-rules" className="big">
              <Trans>Rate limits</Trans>
            </h2>
            <p className="hint sm">
              <Trans>How much may be asked in any 60 seconds, and at the same time.</Trans>
            </p>
          </div>
          <Button onClick={() => setOpen({ kind: "limit" })}>
            <Plus />
            <Trans>New limit</Trans>
          </Button>
        </div>
        <Loaded query={limits}>
          {(rules) =>
            rules.length ? (
              <ul className="card rows rules">
                {rules.map((limit) => (
                  <LimitRow
                    key={`${limit.holder_kind} ${limit.holder_id}`}
                    limit={limit}
                    onChange={() => setOpen({ kind: "limit", limit })}
                  />
                ))}
              </ul>
            ) : (
              <p className="card pad quiet">
                <Trans>Nothing limits how much is asked.</Trans>
              </p>
            )
          }
        </Loaded>
      </section>
      {open?.kind === "budget" ? <BudgetForm budget={open.budget} onClose={close} /> : null}
      {open?.kind === "limit" ? <LimitForm limit={open.limit} onClose={close} /> : null}
    </Page>
  );
}

/** The server adds what holds for whoever asks; where that is just what each person has, one line says it. */
function withoutOwnShare(budgets: BudgetInfo[]): BudgetInfo[] {
  const alike = budgets.filter((one) => one.holder_kind === "everyone");
  return budgets.filter(
    (one) =>
      one.id !== null ||
      one.holder_kind !== "user" ||
      !alike.some((each) => each.period === one.period && each.limit_usd === one.limit_usd),
  );
}
