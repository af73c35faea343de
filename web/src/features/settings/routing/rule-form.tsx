import { Trans, useLingui } from "@lingui/react/macro";
import { useId, useState } from "react";
import { ApiError } from "@/api/errors";
import type { RouteRule } from "@/api/types";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { FormDialog } from "../form-dialog";
import { type Does, type Draft, draftOf, isName, refusedPattern, ruleOf } from "./draft";

interface RuleFormProps {
  rule?: RouteRule;
  onClose: () => void;
  onSave: (rule: RouteRule) => Promise<void>;
}

/** A rule of the app: when it holds, and what it does then. */
export function RuleForm({ rule, onClose, onSave }: RuleFormProps) {
  const { t } = useLingui();
  const id = useId();
  const [draft, setDraft] = useState<Draft>(() => draftOf(rule));
  const [wrong, setWrong] = useState<{ id?: boolean; models?: boolean; pattern?: string }>({});
  const refused = wrong.pattern;
  const set = (name: keyof Draft) => (value: string) => {
    setDraft({ ...draft, [name]: value });
    setWrong({});
  };
  const field = (name: keyof Draft) => ({
    value: draft[name],
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => set(name)(event.target.value),
  });
  const actions: { value: Does; label: string }[] = [
    { value: "pin", label: t`Ask only these models` },
    { value: "prefer", label: t`Ask these models first` },
    { value: "deny", label: t`Never ask these models` },
    { value: "in_house", label: t`Keep it in the house` },
  ];
  const submit = async () => {
    const nameless = !isName(draft.id.trim());
    const empty = draft.does !== "in_house" && !draft.models.trim();
    setWrong({ id: nameless, models: empty });
    if (nameless || empty) return false;
    try {
      await onSave(ruleOf(draft, rule));
    } catch (error) {
      const pattern = error instanceof ApiError ? refusedPattern(error.problem, draft) : undefined;
      if (pattern === undefined) throw error;
      setWrong({ pattern });
      return false;
    }
    return true;
  };
  return (
    <FormDialog
      title={rule ? <Trans>Rule: {rule.id}</Trans> : <Trans>New rule</Trans>}
      action={rule ? <Trans>Save</Trans> : <Trans>Add</Trans>}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={t`Name`}
        className="wide"
        hint={t`Letters, digits, dots and hyphens; answers tell it.`}
        error={wrong.id ? t`Write a name of letters, digits, dots and hyphens.` : undefined}
        {...field("id")}
      />
      <h3 className="wide sm font-medium">
        <Trans>When all of this holds</Trans>
      </h3>
      <TextField
        label={t`Words in the chat`}
        className="wide"
        hint={t`Any one of them, separated by commas, in any language.`}
        {...field("keyword")}
      />
      <div className="wide">
        <label className="label" htmlFor={`${id}-regex`}>
          <Trans>Patterns, one in a line</Trans>
        </label>
        <textarea
          id={`${id}-regex`}
          className="area mono"
          rows={2}
          spellCheck={false}
          aria-invalid={refused !== undefined || undefined}
          aria-describedby={refused === undefined ? undefined : `${id}-regex-note`}
          {...field("regex")}
        />
        {refused === undefined ? null : (
          <p id={`${id}-regex-note`} className="field-error" role="alert">
            <Trans>
              This pattern cannot be used: {refused}. Patterns are those of RE2, without look-around and
              back-references.
            </Trans>
          </p>
        )}
      </div>
      <TextField label={t`Groups`} {...field("group")} />
      <TextField label={t`Roles`} {...field("role")} />
      <TextField label={t`Data classes`} {...field("data_class")} />
      <TextField
        label={t`Longer than, in tokens`}
        inputMode="numeric"
        {...field("tokens")}
        onChange={(event) => set("tokens")(event.target.value.replace(/\D/g, "").slice(0, 9))}
      />
      <h3 className="wide sm font-medium">
        <Trans>Then</Trans>
      </h3>
      <Select
        label={t`What it does`}
        value={draft.does}
        onChange={set("does")}
        options={actions}
        className="wide"
      />
      {draft.does === "in_house" ? null : (
        <TextField
          label={t`Models`}
          className="wide"
          hint={t`Aliases, provider/model, or local, standard and premium; separated by commas.`}
          error={wrong.models ? t`Name at least one model.` : undefined}
          {...field("models")}
        />
      )}
    </FormDialog>
  );
}
