import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronRight } from "lucide-react";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { Area } from "./area";
import type { FieldsProps } from "./ask-form";
import { type Effort, type Field, takes } from "./request";

/** Figures that steer the answer; only those that the model and the API know. */
export function Parameters({ ask, set, wrong, model }: FieldsProps) {
  const { t } = useLingui();
  const known = (field: Field) => takes(field, ask.dialect, model?.abilities);
  const efforts: Record<Effort, string> = {
    "": t`As the model likes`,
    off: t`Off`,
    low: t`Low`,
    medium: t`Medium`,
    high: t`High`,
  };
  const amiss = ["temperature", "topP", "maxTokens", "seed"].some((field) => wrong.has(field as "seed"));
  return (
    <details className="more" open={amiss || undefined}>
      <summary>
        <ChevronRight className="i-14" />
        <Trans>Parameters</Trans>
      </summary>
      <div className="ask-grid">
        <TextField
          label={t`Temperature`}
          inputMode="decimal"
          autoComplete="off"
          value={ask.temperature}
          error={wrong.has("temperature") ? t`From 0 to 2.` : undefined}
          onChange={(event) => set({ temperature: event.target.value })}
        />
        <TextField
          label="Top p"
          inputMode="decimal"
          autoComplete="off"
          value={ask.topP}
          error={wrong.has("topP") ? t`Above 0, up to 1.` : undefined}
          onChange={(event) => set({ topP: event.target.value })}
        />
        <TextField
          label={t`Most tokens`}
          inputMode="numeric"
          autoComplete="off"
          value={ask.maxTokens}
          placeholder={ask.dialect === "anthropic_messages" ? "1024" : undefined}
          error={wrong.has("maxTokens") ? t`A whole number above 0.` : undefined}
          onChange={(event) => set({ maxTokens: event.target.value })}
        />
        {known("seed") ? (
          <TextField
            label={t`Seed`}
            inputMode="numeric"
            autoComplete="off"
            value={ask.seed}
            error={wrong.has("seed") ? t`A whole number.` : undefined}
            onChange={(event) => set({ seed: event.target.value })}
          />
        ) : null}
        {known("effort") ? (
          <div>
            <span className="label" aria-hidden="true">
              <Trans>Thinking</Trans>
            </span>
            <Select
              label={t`Thinking`}
              value={ask.effort}
              onChange={(effort) => set({ effort })}
              options={(Object.keys(efforts) as Effort[]).map((value) => ({ value, label: efforts[value] }))}
            />
          </div>
        ) : null}
        {known("stop") ? (
          <div className="wide">
            <Area
              label={t`Stop at`}
              mono
              rows={1}
              hint={t`One text to a line.`}
              value={ask.stop}
              onChange={(stop) => set({ stop })}
            />
          </div>
        ) : null}
      </div>
    </details>
  );
}

const TOOLS = `[{
  "name": "get_weather",
  "description": "The weather in a city.",
  "parameters": {
    "type": "object",
    "properties": { "city": { "type": "string" } },
    "required": ["city"]
  }
}]`;
const SCHEMA = `{
  "type": "object",
  "properties": { "name": { "type": "string" } },
  "required": ["name"],
  "additionalProperties": false
}`;

/** Tools that the model may call and the form of its answer, where it knows them. */
export function Forms({ ask, set, wrong, model }: FieldsProps) {
  const { t } = useLingui();
  const known = (field: Field) => takes(field, ask.dialect, model?.abilities);
  return (
    <>
      {known("tools") ? (
        <details className="more" open={wrong.has("tools") || undefined}>
          <summary>
            <ChevronRight className="i-14" />
            <Trans>Tools</Trans>
          </summary>
          <Area
            label={t`Tools as JSON`}
            mono
            rows={8}
            placeholder={TOOLS}
            hint={t`A list of functions with name, description and parameters. A call is shown, not run.`}
            error={wrong.has("tools") ? t`This is no JSON list of functions with names.` : undefined}
            value={ask.tools}
            onChange={(tools) => set({ tools })}
          />
        </details>
      ) : null}
      {known("schema") ? (
        <details className="more" open={wrong.has("schema") || undefined}>
          <summary>
            <ChevronRight className="i-14" />
            <Trans>Form of the answer</Trans>
          </summary>
          <Area
            label={t`JSON schema`}
            mono
            rows={6}
            placeholder={SCHEMA}
            error={wrong.has("schema") ? t`This is no JSON object.` : undefined}
            value={ask.schema}
            onChange={(schema) => set({ schema })}
          />
        </details>
      ) : null}
    </>
  );
}
