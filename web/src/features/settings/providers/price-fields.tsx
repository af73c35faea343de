import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronRight } from "lucide-react";
import { useEffect, useState } from "react";
import { TextField } from "@/components/ui/text-field";
import type { PriceName, PriceTexts, wrongIn } from "./prices";

const MORE: PriceName[] = [
  "cached_input",
  "cache_write",
  "audio_input",
  "audio_output",
  "image_output",
  "audio_minute",
];

interface PriceFieldsProps {
  texts: PriceTexts;
  wrong: ReturnType<typeof wrongIn>;
  /** They can be looked at only. */
  locked: boolean;
  onChange: (next: Partial<PriceTexts>) => void;
}

/** What goes in and comes out; what has a price of its own only with some models is folded away. */
export function PriceFields({ texts, wrong, locked, onChange }: PriceFieldsProps) {
  const { t } = useLingui();
  const labels: Record<PriceName, string> = {
    input: t`Input`,
    output: t`Output`,
    cached_input: t`Input read from its cache`,
    cache_write: t`Input written to its cache`,
    audio_input: t`Sound in the request`,
    audio_output: t`Sound in the answer`,
    image_output: t`Images in the answer`,
    audio_minute: t`Sound, per minute`,
  };
  const told = {
    amount: t`Write an amount such as 20 or 2.50.`,
    high: t`No model costs more than $100,000. Write the price of a million tokens.`,
    missing: t`Write an amount; 0 if it costs nothing.`,
  };
  const field = (name: PriceName) => {
    const why = wrong.get(name);
    return (
      <TextField
        key={name}
        label={labels[name]}
        inputMode="decimal"
        autoComplete="off"
        readOnly={locked}
        before={<span aria-hidden="true">$</span>}
        value={texts[name]}
        error={why ? told[why] : undefined}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
    );
  };
  const [open, setOpen] = useState(() => MORE.some((name) => texts[name]));
  useEffect(() => {
    if (MORE.some((name) => wrong.has(name))) setOpen(true);
  }, [wrong]);
  const unit = (
    <p className="field-hint wide price-unit">
      <Trans>US dollars per million tokens.</Trans>
    </p>
  );
  if (locked)
    return (
      <>
        {(Object.keys(texts) as PriceName[]).filter((name) => texts[name]).map(field)}
        {unit}
      </>
    );
  return (
    <>
      {field("input")}
      {field("output")}
      {unit}
      <details className="more wide" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <ChevronRight className="i-14" />
          <Trans>More prices</Trans>
        </summary>
        <p className="field-hint">
          <Trans>What is left empty costs what input or output does.</Trans>
        </p>
        <div className="key-form">{MORE.map(field)}</div>
      </details>
    </>
  );
}
