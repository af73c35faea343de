import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronDown, Cloud, House } from "lucide-react";
import type { ModelInfo } from "@/api/types";
import { PickerPopover } from "./picker-popover";

interface ModelButtonProps {
  model: ModelInfo | undefined;
  /** The chat's model when it is gone. */
  missing?: string | null;
  onPick: (ref: string) => void;
}

/** The composer's model: where it runs and its name. */
export function ModelButton({ model, missing, onPick }: ModelButtonProps) {
  const { t } = useLingui();
  const name = model?.name;
  const where = model?.self_hosted ? t`in-house` : model?.provider_name;
  return (
    <PickerPopover
      current={model?.ref}
      onPick={onPick}
      trigger={
        <button
          type="button"
          className="model-btn"
          aria-label={name ? t`Model: ${name}, ${where}` : t`Choose a model`}
          title={missing && !model ? missing : undefined}
        >
          {model ? (
            <span className={model.self_hosted ? "in" : "out"}>
              {model.self_hosted ? <House /> : <Cloud />}
            </span>
          ) : null}
          <span className="clip model-name">{name ?? <Trans>Choose a model</Trans>}</span>
          <ChevronDown className="i-14" />
        </button>
      }
    />
  );
}
