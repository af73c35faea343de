import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { addBudget, changeBudget } from "@/api/limits";
import type { BudgetInfo, Period } from "@/api/types";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { FormDialog } from "../form-dialog";
import { usePeriodNames } from "../keys/words";
import { amountOf, EVERYONE, type Holder, idsOf } from "./holder";
import { HolderFields } from "./holder-fields";
import { useHolderName } from "./words";

/** What may be spent in each period: a new budget, or another amount for one that is there. */
export function BudgetForm({ budget, onClose }: { budget?: BudgetInfo; onClose: () => void }) {
  const { t } = useLingui();
  const periods = usePeriodNames();
  const called = useHolderName();
  const [holder, setHolder] = useState<Holder>(EVERYONE);
  const [usd, setUsd] = useState(budget ? String(budget.limit_usd) : "");
  const [period, setPeriod] = useState<Period>(budget?.period ?? "month");
  const [wrong, setWrong] = useState({ usd: false, holder: false });
  const submit = async () => {
    const amount = amountOf(usd);
    const ids = budget ? null : await idsOf(holder);
    setWrong({ usd: amount === null, holder: !budget && !ids });
    if (amount === null || !(budget || ids)) return false;
    if (budget?.id) await changeBudget(budget.id, amount);
    else if (ids) await addBudget({ ...ids, period, usd: amount });
    return true;
  };
  const who = budget ? called(budget) : "";
  return (
    <FormDialog
      title={budget ? <Trans>Budget: {who}</Trans> : <Trans>New budget</Trans>}
      action={budget ? <Trans>Save</Trans> : <Trans>Add</Trans>}
      onClose={onClose}
      onSubmit={submit}
    >
      {budget ? null : (
        <HolderFields
          holder={holder}
          wrong={wrong.holder}
          onChange={(next) => {
            setHolder(next);
            setWrong({ ...wrong, holder: false });
          }}
        />
      )}
      <TextField
        label={t`Budget in US dollars`}
        inputMode="decimal"
        autoComplete="off"
        before={<span aria-hidden="true">$</span>}
        value={usd}
        error={wrong.usd ? t`Write an amount such as 20 or 2.50.` : undefined}
        onChange={(event) => {
          setUsd(event.target.value);
          setWrong({ ...wrong, usd: false });
        }}
      />
      <div>
        <span className="label" aria-hidden="true">
          <Trans>Budget for</Trans>
        </span>
        {budget ? (
          <p className="field-like">{periods[period]}</p>
        ) : (
          <Select
            label={t`Budget for`}
            value={period}
            options={(Object.keys(periods) as Period[]).map((value) => ({ value, label: periods[value] }))}
            onChange={setPeriod}
          />
        )}
      </div>
    </FormDialog>
  );
}
