import { Trans, useLingui } from "@lingui/react/macro";
import { useBootstrap } from "@/api/bootstrap";
import { useGroups } from "@/api/people";
import type { RuleKind } from "@/api/types";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { PersonField } from "../people/person-field";
import type { Holder } from "./holder";

interface HolderFieldsProps {
  holder: Holder;
  onChange: (holder: Holder) => void;
  /** Nobody was meant, or found. */
  wrong: boolean;
}

/** Whom a new rule is for. */
export function HolderFields({ holder, onChange, wrong }: HolderFieldsProps) {
  const { t } = useLingui();
  const { data: groups = [] } = useGroups();
  const accounts = useBootstrap().mode === "accounts";
  const options: { value: RuleKind; label: string }[] = [{ value: "everyone", label: t`Each person` }];
  if (accounts) options.push({ value: "user", label: t`One person` });
  if (groups.length) options.push({ value: "group", label: t`A group` });
  options.push({ value: "model", label: t`Models` });
  return (
    <>
      <div>
        <span className="label" aria-hidden="true">
          <Trans>For</Trans>
        </span>
        <Select
          label={t`For`}
          value={holder.kind}
          options={options}
          onChange={(kind) =>
            onChange({
              ...holder,
              kind,
              group: holder.group || (kind === "group" ? (groups[0]?.id ?? "") : ""),
            })
          }
        />
      </div>
      {holder.kind === "everyone" ? (
        <p className="hint sm for-hint">
          <Trans>Each for themselves, where nothing is set for the person.</Trans>
        </p>
      ) : null}
      {holder.kind === "user" ? (
        <PersonField
          value={holder.person}
          error={wrong ? t`Nobody has exactly this name or address.` : undefined}
          onChange={(person) => onChange({ ...holder, person })}
        />
      ) : null}
      {holder.kind === "group" ? (
        <div>
          <span className="label" aria-hidden="true">
            <Trans>Group</Trans>
          </span>
          <Select
            label={t`Group`}
            value={holder.group}
            options={groups.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(group) => onChange({ ...holder, group })}
          />
        </div>
      ) : null}
      {holder.kind === "model" ? (
        <TextField
          label={t`Models`}
          className="mono-field"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={500}
          placeholder="openai/*"
          value={holder.model}
          error={wrong ? t`Write a model or a pattern such as openai/*.` : undefined}
          onChange={(event) => onChange({ ...holder, model: event.target.value })}
        />
      ) : null}
    </>
  );
}
