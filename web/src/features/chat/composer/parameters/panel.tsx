import "@/styles/parameters.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { RotateCcw } from "lucide-react";
import { type ReactNode, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import type { ModelInfo, Parameters, ReasoningEffort } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import { useEffortNames } from "../effort-menu";
import { PictureFields } from "./picture-fields";
import { changed, type ParameterName, settable, withValue } from "./settable";

const SAVE_AFTER_MS = 500;
const LONGEST_SYSTEM = 20_000;

interface PanelProps {
  model: ModelInfo | undefined;
  parameters: Parameters;
  onChange: (parameters: Parameters) => void;
}

/** What this chat sets of its model: only what the model takes. Saved a moment after the last change. */
export function ParametersPanel({ model, parameters, onChange }: PanelProps) {
  const [now, set, flush] = useDelayed(parameters, onChange);
  const change = <N extends ParameterName>(name: N, value: Parameters[N] | null) =>
    set(withValue(now, name, value));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears of the fields within; who leaves may send at once
    <div className="parameters-body scroll" onBlur={flush}>
      <div className="row">
        <h2 className="grow">
          <Trans>Settings of this chat</Trans>
        </h2>
        <Button small variant="ghost" disabled={changed(now, model).length === 0} onClick={() => set({})}>
          <Trans>Reset all</Trans>
        </Button>
      </div>
      {model?.drawing ? (
        <PictureFields
          drawing={model.drawing}
          picture={now.picture ?? {}}
          onChange={(picture) => change("picture", picture)}
        />
      ) : (
        <OfWords model={model} now={now} change={change} />
      )}
    </div>
  );
}

interface OfWordsProps {
  model: ModelInfo | undefined;
  now: Parameters;
  change: <N extends ParameterName>(name: N, value: Parameters[N] | null) => void;
}

/** Of a model that writes. */
function OfWords({ model, now, change }: OfWordsProps) {
  const { t } = useLingui();
  const names = settable(model);
  const effortNames = useEffortNames();
  const most = model?.max_output_tokens;
  const name = model?.name ?? "";
  return (
    <>
      <Words
        label={t`System prompt`}
        value={now.system ?? ""}
        onChange={(value) => change("system", value.slice(0, LONGEST_SYSTEM))}
      />
      {names.includes("temperature") ? (
        <>
          <Slider
            label={t`Temperature`}
            hint={t`Low is steady, high is inventive`}
            value={now.temperature ?? null}
            rest={1}
            step={0.1}
            min={0}
            max={2}
            onChange={(value) => change("temperature", value)}
          />
          <Slider
            label={t`Top-p`}
            hint={t`Only the likeliest words, up to this share`}
            value={now.top_p ?? null}
            rest={1}
            step={0.05}
            min={0.05}
            max={1}
            onChange={(value) => change("top_p", value)}
          />
        </>
      ) : (
        <p className="hint sm">
          <Trans>{name} sets temperature and top-p itself.</Trans>
        </p>
      )}
      <Line
        label={t`Longest answer, in tokens`}
        hint={most ? t`The model writes at most ${most}` : undefined}
        set={now.max_tokens != null}
        onReset={() => change("max_tokens", null)}
      >
        {(id) => (
          <div className="field">
            <input
              id={id}
              inputMode="numeric"
              autoComplete="off"
              placeholder={t`as the model has it`}
              value={now.max_tokens ?? ""}
              onChange={(event) => change("max_tokens", wholeNumber(event.target.value))}
            />
          </div>
        )}
      </Line>
      {names.includes("reasoning_effort") ? (
        <div className="parameter">
          <span className="label" aria-hidden="true">
            <Trans>Thinking</Trans>
          </span>
          <Select
            label={t`Thinking`}
            value={now.reasoning_effort ?? "auto"}
            onChange={(value) =>
              change("reasoning_effort", value === "auto" ? null : (value as ReasoningEffort))
            }
            options={Object.entries(effortNames).map(([value, label]) => ({ value, label }))}
          />
        </div>
      ) : null}
    </>
  );
}

function wholeNumber(typed: string): number | null {
  const digits = typed.replace(/\D/g, "").slice(0, 7);
  return digits ? Math.min(1_000_000, Math.max(1, Number(digits))) : null;
}

/** What is shown at once and told a moment later; what waits is told when the panel goes. */
function useDelayed(parameters: Parameters, tell: (parameters: Parameters) => void) {
  const [now, setNow] = useState(parameters);
  const waiting = useRef<Parameters>(null);
  const flush = () => {
    if (waiting.current) tell(waiting.current);
    waiting.current = null;
  };
  const flushNow = useEffectEvent(flush);
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins anew with each change
  useEffect(() => {
    const timer = window.setTimeout(() => flushNow(), SAVE_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [now]);
  useEffect(() => () => flushNow(), []);
  const set = (next: Parameters) => {
    waiting.current = next;
    setNow(next);
  };
  return [now, set, flush] as const;
}

function Words({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const { t } = useLingui();
  const id = useId();
  return (
    <div className="parameter">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        className="area"
        dir="auto"
        rows={3}
        placeholder={t`Who the model is, and how it should answer`}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

interface LineProps {
  label: string;
  hint?: string;
  /** Whether it is not as the model has it. */
  set: boolean;
  onReset: () => void;
  children: (id: string) => ReactNode;
  /** Stands beside the label. */
  value?: ReactNode;
}

function Line({ label, hint, set, onReset, children, value }: LineProps) {
  const { t } = useLingui();
  const id = useId();
  return (
    <div className="parameter">
      <div className="parameter-head">
        <label className="label grow" htmlFor={id}>
          {label}
        </label>
        {value}
        {set ? (
          <IconButton label={t`${label}: as the model has it`} side="top" onClick={onReset}>
            <RotateCcw className="i-14" />
          </IconButton>
        ) : null}
      </div>
      {children(id)}
      {hint ? <p className="hint sm">{hint}</p> : null}
    </div>
  );
}

interface SliderProps {
  label: string;
  hint: string;
  value: number | null;
  /** Where the thumb stands while the model decides. */
  rest: number;
  min: number;
  max: number;
  step: number;
  onChange: (value: number | null) => void;
}

function Slider({ label, hint, value, rest, min, max, step, onChange }: SliderProps) {
  const { t, i18n } = useLingui();
  const shown = value === null ? t`as the model has it` : i18n.number(value, { maximumFractionDigits: 2 });
  return (
    <Line
      label={label}
      hint={hint}
      set={value !== null}
      onReset={() => onChange(null)}
      value={<span className={value === null ? "hint sm" : "tabular-nums sm"}>{shown}</span>}
    >
      {(id) => (
        <input
          id={id}
          type="range"
          className={value === null ? "is-resting" : ""}
          min={min}
          max={max}
          step={step}
          value={value ?? rest}
          aria-valuetext={shown}
          onChange={(event) => onChange(Number(event.target.value))}
        />
      )}
    </Line>
  );
}
