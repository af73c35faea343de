import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { addLimit, changeLimit } from "@/api/limits";
import type { LimitInfo } from "@/api/types";
import { TextField } from "@/components/ui/text-field";
import { FormDialog } from "../form-dialog";
import { digits, EVERYONE, type Holder, idsOf } from "./holder";
import { HolderFields } from "./holder-fields";
import { useHolderName } from "./words";

const MOST_DIGITS = { requests_per_minute: 9, tokens_per_minute: 9, concurrency: 5 };
type Rate = keyof typeof MOST_DIGITS;
const RATES = Object.keys(MOST_DIGITS) as Rate[];

/** How much may be asked at a time: a new limit, or other numbers for one that is there. */
export function LimitForm({ limit, onClose }: { limit?: LimitInfo; onClose: () => void }) {
  const { t } = useLingui();
  const called = useHolderName();
  const labels: Record<Rate, string> = {
    requests_per_minute: t`Requests a minute`,
    tokens_per_minute: t`Tokens a minute`,
    concurrency: t`At the same time`,
  };
  const [holder, setHolder] = useState<Holder>(EVERYONE);
  const [rates, setRates] = useState<Record<Rate, string>>(() => ({
    requests_per_minute: String(limit?.requests_per_minute ?? ""),
    tokens_per_minute: String(limit?.tokens_per_minute ?? ""),
    concurrency: String(limit?.concurrency ?? ""),
  }));
  const [wrong, setWrong] = useState({ rates: false, holder: false });
  const submit = async () => {
    const numbers = {
      requests_per_minute: Number(rates.requests_per_minute) || null,
      tokens_per_minute: Number(rates.tokens_per_minute) || null,
      concurrency: Number(rates.concurrency) || null,
    };
    const some = RATES.some((rate) => numbers[rate]);
    const ids = limit ? null : await idsOf(holder);
    setWrong({ rates: !some, holder: !limit && !ids });
    if (!some || !(limit || ids)) return false;
    if (limit?.id) await changeLimit(limit.id, numbers);
    else if (ids) await addLimit({ ...ids, ...numbers });
    return true;
  };
  const who = limit ? called(limit) : "";
  return (
    <FormDialog
      title={limit ? <Trans>Limit: {who}</Trans> : <Trans>New limit</Trans>}
      action={limit ? <Trans>Save</Trans> : <Trans>Add</Trans>}
      onClose={onClose}
      onSubmit={submit}
    >
      {limit ? null : (
        <HolderFields
          holder={holder}
          wrong={wrong.holder}
          onChange={(next) => {
            setHolder(next);
            setWrong({ ...wrong, holder: false });
          }}
        />
      )}
      <div className="wide three">
        {RATES.map((rate, place) => (
          <TextField
            key={rate}
            label={labels[rate]}
            inputMode="numeric"
            autoComplete="off"
            value={rates[rate]}
            error={wrong.rates && place === 0 ? t`Write at least one number.` : undefined}
            onChange={(event) => {
              setRates({ ...rates, [rate]: digits(event.target.value, MOST_DIGITS[rate]) });
              setWrong({ ...wrong, rates: false });
            }}
          />
        ))}
      </div>
      <p className="hint sm wide">
        <Trans>An empty field limits nothing.</Trans>
      </p>
    </FormDialog>
  );
}
