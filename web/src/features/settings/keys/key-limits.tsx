import { Trans, useLingui } from "@lingui/react/macro";
import type { Period } from "@/api/types";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import type { FieldsProps } from "./key-form";
import { usePeriodNames } from "./words";

/** How much a key may ask for and spend, and from where; empty fields hold nobody back. */
export function KeyLimits({ values, set, wrong }: FieldsProps) {
  const { t } = useLingui();
  const periods = usePeriodNames();
  const number = (text: string) => text.replace(/\D/g, "").slice(0, 9);
  return (
    <div className="key-limits">
      <TextField
        label={t`Requests a minute`}
        inputMode="numeric"
        autoComplete="off"
        value={values.requests}
        onChange={(event) => set({ requests: number(event.target.value) })}
      />
      <TextField
        label={t`Tokens a minute`}
        inputMode="numeric"
        autoComplete="off"
        value={values.tokens}
        onChange={(event) => set({ tokens: number(event.target.value) })}
      />
      <TextField
        label={t`At the same time`}
        inputMode="numeric"
        autoComplete="off"
        value={values.concurrency}
        onChange={(event) => set({ concurrency: number(event.target.value).slice(0, 5) })}
      />
      <TextField
        label={t`Budget in US dollars`}
        inputMode="decimal"
        autoComplete="off"
        before={<span aria-hidden="true">$</span>}
        value={values.usd}
        error={wrong.has("usd") ? t`Write an amount such as 20 or 2.50.` : undefined}
        onChange={(event) => set({ usd: event.target.value })}
      />
      <div>
        <span className="label" aria-hidden="true">
          <Trans>Budget for</Trans>
        </span>
        <Select
          label={t`Budget for`}
          value={values.period}
          options={(Object.keys(periods) as Period[]).map((value) => ({ value, label: periods[value] }))}
          onChange={(period) => set({ period })}
        />
      </div>
      <TextField
        label={t`Only from these addresses`}
        className="mono-field wide"
        autoComplete="off"
        spellCheck={false}
        placeholder="10.0.0.0/8"
        hint={t`Addresses or networks, separated by commas. Empty: from everywhere.`}
        value={values.networks}
        error={wrong.has("networks") ? t`Write addresses such as 192.0.2.7 or 10.0.0.0/8.` : undefined}
        onChange={(event) => set({ networks: event.target.value })}
      />
    </div>
  );
}
