import { Trans, useLingui } from "@lingui/react/macro";
import { Paperclip } from "lucide-react";
import { useModels } from "@/api/models";
import { Select } from "@/components/ui/select";
import type { Period } from "./groups";

export interface Filters {
  model?: string;
  when?: Period;
  file?: true;
}

/** What narrows a search down. */
export function FilterBar({ filters, change }: { filters: Filters; change: (filters: Filters) => void }) {
  const { t } = useLingui();
  const { data: models } = useModels();
  const names = models?.items.map((model) => ({ value: model.ref, label: model.name })) ?? [];
  const { model, when, file = false } = filters;
  if (model && !names.some((one) => one.value === model)) names.push({ value: model, label: model });
  return (
    <fieldset className="hit-filters">
      <legend className="visually-hidden">
        <Trans>Narrow down</Trans>
      </legend>
      <Select
        label={t`Written by`}
        value={model ?? ""}
        onChange={(value) => change({ model: value || undefined })}
        options={[{ value: "", label: t`Any model` }, ...names]}
      />
      <Select<Period | "">
        label={t`When`}
        value={when ?? ""}
        onChange={(value) => change({ when: value || undefined })}
        options={[
          { value: "", label: t`Any time` },
          { value: "week", label: t`Last 7 days` },
          { value: "month", label: t`Last 30 days` },
          { value: "year", label: t`Last 12 months` },
        ]}
      />
      <button
        type="button"
        className={`btn btn-outline hit-toggle ${file ? "is-on" : ""}`}
        aria-pressed={file}
        onClick={() => change({ file: file ? undefined : true })}
      >
        <Paperclip className="i-14" />
        <Trans>With a file</Trans>
      </button>
    </fieldset>
  );
}
