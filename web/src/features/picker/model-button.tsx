import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronDown, Cloud, House, Split } from "lucide-react";
import type { ModelInfo } from "@/api/types";
import { AUTO } from "./list";
import { useModelLabel } from "./model-label";
import { PickerPopover } from "./picker-popover";

interface ModelButtonProps {
  model: ModelInfo | undefined;
  /** The chat's model when it is gone. */
  missing?: string | null;
  /** The chat is kept in the house. */
  inHouse?: boolean;
  onPick: (ref: string) => void;
}

/** The composer's model: where it runs and its name. */
export function ModelButton({ model, missing, inHouse, onPick }: ModelButtonProps) {
  const { t } = useLingui();
  const label = useModelLabel();
  const name = model && label(model);
  const auto = model?.ref === AUTO;
  const where = model?.self_hosted ? t`in-house` : auto ? t`chosen for each question` : model?.provider_name;
  return (
    <PickerPopover
      current={model?.ref}
      inHouse={inHouse}
      onPick={onPick}
      trigger={
        <button
          type="button"
          className="model-btn"
          aria-label={name ? t`Model: ${name}, ${where}` : t`Choose a model`}
          title={missing && !model ? missing : undefined}
        >
          {model ? (
            <span className={model.self_hosted ? "in" : auto ? "" : "out"}>
              {model.self_hosted ? <House /> : auto ? <Split /> : <Cloud />}
            </span>
          ) : null}
          <span className="clip model-name">{name ?? <Trans>Choose a model</Trans>}</span>
          <ChevronDown className="i-14" />
        </button>
      }
    />
  );
}
