import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronRight } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useMe } from "@/api/bootstrap";
import { ApiError, Unreachable } from "@/api/errors";
import { changeKey, createKey } from "@/api/keys";
import type { KeyInfo, KeyShown, Scope } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { toast } from "@/components/ui/toast";
import { activeLocale } from "@/i18n";
import { KeyLimits } from "./key-limits";
import { EMPTY, type Expiry, problems, type Values, valuesOf, wishOf } from "./values";
import { dayOf, scopesFor, useScopeNames } from "./words";

interface KeyFormProps {
  /** The key to change; without one a new one is made. */
  info?: KeyInfo;
  onClose: () => void;
  onShown: (shown: KeyShown) => void;
}

/** What a key may do and until when. */
export function KeyForm({ info, onClose, onShown }: KeyFormProps) {
  const { t } = useLingui();
  const id = useId();
  const [values, setValues] = useState<Values>(() => (info ? valuesOf(info) : EMPTY));
  const [wrong, setWrong] = useState<Set<keyof Values>>(new Set());
  const [refusal, setRefusal] = useState("");
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<Values>) => {
    setValues({ ...values, ...change });
    setWrong(new Set([...wrong].filter((field) => !(field in change))));
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const found = problems(values, today());
    setWrong(found);
    setRefusal("");
    if (found.size) return;
    setBusy(true);
    try {
      if (info) {
        const { name } = await changeKey(info.id, wishOf(values));
        toast(t`The key ${name} is changed.`);
        onClose();
      } else onShown(await createKey(wishOf(values)));
    } catch (error) {
      if (error instanceof Unreachable) setRefusal(t`The server cannot be reached. Nothing was changed.`);
      else if (
        error instanceof ApiError &&
        error.problem.fields?.some(({ path }) => path.startsWith("networks"))
      )
        setWrong(new Set(["networks"]));
      else if (error instanceof ApiError) setRefusal(error.problem.message);
      else throw error;
    } finally {
      setBusy(false);
    }
  };
  const limited = wrong.has("networks") || wrong.has("usd");
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={info ? <Trans>Change {info.name}</Trans> : <Trans>New API key</Trans>}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="primary" type="submit" form={id} disabled={busy}>
            {info ? <Trans>Save</Trans> : <Trans>Make key</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} className="key-form" noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          label={t`Name`}
          autoFocus
          autoComplete="off"
          maxLength={100}
          placeholder={t`The program that uses it`}
          value={values.name}
          error={wrong.has("name") ? t`Give it a name.` : undefined}
          onChange={(event) => set({ name: event.target.value })}
        />
        <ExpiryFields info={info} values={values} set={set} wrong={wrong} />
        <Scopes held={info?.scopes ?? []} values={values} set={set} wrong={wrong} />
        <TextField
          label={t`Models`}
          className="mono-field wide"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={4000}
          placeholder="*"
          hint={t`Aliases, ids or patterns such as ollama/*, separated by commas. Empty: every model.`}
          value={values.models}
          onChange={(event) => set({ models: event.target.value })}
        />
        <details className="more wide" open={limited || hasLimits(values) || undefined}>
          <summary>
            <ChevronRight className="i-14" />
            <Trans>Limits and budget</Trans>
          </summary>
          <KeyLimits values={values} set={set} wrong={wrong} />
        </details>
        {refusal ? (
          <p className="form-error wide" role="alert">
            {refusal}
          </p>
        ) : null}
      </form>
    </Dialog>
  );
}

export interface FieldsProps {
  values: Values;
  set: (change: Partial<Values>) => void;
  wrong: Set<keyof Values>;
}

function ExpiryFields({ info, values, set, wrong }: FieldsProps & { info?: KeyInfo }) {
  const { t } = useLingui();
  const { role } = useMe();
  const kept = info?.expires_at ? dayOf(info.expires_at, activeLocale()) : t`never`;
  const options: { value: Expiry; label: string }[] = [
    { value: "30", label: t`after 30 days` },
    { value: "90", label: t`after 90 days` },
    { value: "365", label: t`after a year` },
    { value: "day", label: t`on a day` },
  ];
  if (info) options.unshift({ value: "keep", label: t`as it is: ${kept}` });
  if (role === "admin") options.push({ value: "never", label: t`never` });
  return (
    <div className="expiry">
      <div>
        <span className="label" aria-hidden="true">
          <Trans>Expires</Trans>
        </span>
        <Select
          label={t`Expires`}
          value={values.expiry}
          options={options}
          onChange={(expiry) => set({ expiry })}
        />
      </div>
      {values.expiry === "day" ? (
        <TextField
          label={t`Last day`}
          type="date"
          min={today()}
          value={values.day}
          error={wrong.has("day") ? t`Choose a day to come.` : undefined}
          onChange={(event) => set({ day: event.target.value })}
        />
      ) : null}
    </div>
  );
}

function Scopes({ held, values, set, wrong }: FieldsProps & { held: Scope[] }) {
  const { t } = useLingui();
  const names = useScopeNames();
  const offered = scopesFor(held);
  const note = useId();
  const toggle = (scope: (typeof offered)[number], on: boolean) =>
    set({
      scopes: offered.filter((item) => (item === scope ? on : values.scopes.includes(item))),
    });
  return (
    <fieldset className="wide scopes" aria-describedby={wrong.has("scopes") ? note : undefined}>
      <legend className="label">
        <Trans>What it may do</Trans>
      </legend>
      <div className="check-row">
        {offered.map((scope) => (
          <label key={scope} className="check">
            <input
              type="checkbox"
              checked={values.scopes.includes(scope)}
              onChange={(event) => toggle(scope, event.target.checked)}
            />
            {names[scope]}
          </label>
        ))}
      </div>
      <p className="hint sm">
        <Trans>Chat, Embeddings, Speech and Images: ask such models. List models: see which there are.</Trans>
      </p>
      {wrong.has("scopes") ? (
        <p id={note} className="field-error" role="alert">
          {t`Choose at least one.`}
        </p>
      ) : null}
    </fieldset>
  );
}

const hasLimits = (values: Values) =>
  Boolean(values.networks || values.requests || values.tokens || values.concurrency || values.usd);

/** Today where the reader is, as a date field has it. */
function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}
