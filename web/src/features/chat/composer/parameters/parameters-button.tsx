import { useLingui } from "@lingui/react/macro";
import { SlidersHorizontal } from "lucide-react";
import { Suspense } from "react";
import type { ModelInfo, Parameters } from "@/api/types";
import { Popover } from "@/components/ui/popover";
import { withCatalogue } from "@/i18n";
import { part } from "@/lib/part";
import { changed } from "./settable";

const Panel = part(async () => {
  await withCatalogue("composer");
  const { ParametersPanel: component } = await import("./panel");
  return { default: component };
});

interface ParametersButtonProps {
  model: ModelInfo | undefined;
  parameters: Parameters;
  onChange: (parameters: Parameters) => void;
}

/** Opens what this chat sets of its model; says how much that is. */
export function ParametersButton({ model, parameters, onChange }: ParametersButtonProps) {
  const { t } = useLingui();
  const count = changed(parameters, model).length;
  const label = count ? t`Settings of this chat: ${count} changed` : t`Settings of this chat`;
  return (
    <Popover
      label={t`Settings of this chat`}
      className="parameters"
      trigger={
        <button type="button" className="toggle" aria-pressed={count > 0} aria-label={label} data-tip="top">
          <SlidersHorizontal />
          {count || null}
        </button>
      }
    >
      <Suspense>
        <Panel model={model} parameters={parameters} onChange={onChange} />
      </Suspense>
    </Popover>
  );
}
