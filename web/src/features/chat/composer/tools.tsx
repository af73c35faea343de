import { useLingui } from "@lingui/react/macro";
import { Mic, Plus } from "lucide-react";
import { useRef } from "react";
import type { ModelInfo, Parameters } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { useKeysLabel } from "@/features/commands/use-keys";
import type { DictationSwitch } from "./dictating";
import { EffortMenu } from "./effort-menu";
import { ParametersButton } from "./parameters/parameters-button";
import { withValue } from "./parameters/settable";

interface ToolsProps {
  model: ModelInfo | undefined;
  parameters: Parameters;
  onParameters: (parameters: Parameters) => void;
  onFiles: (files: Iterable<File>) => void;
  dictation: DictationSwitch;
}

/** What goes with the message: files, and how the model is to answer. */
export function Tools({ model, parameters, onParameters, onFiles, dictation }: ToolsProps) {
  const { t } = useLingui();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          onFiles(event.target.files ?? []);
          event.target.value = "";
        }}
      />
      <IconButton label={t`Attach files`} side="top" onClick={() => picker.current?.click()}>
        <Plus className="i-18" />
      </IconButton>
      {model?.abilities.includes("reasoning") ? (
        <EffortMenu
          value={parameters.reasoning_effort ?? null}
          onChange={(effort) => onParameters(withValue(parameters, "reasoning_effort", effort))}
        />
      ) : null}
      <ParametersButton model={model} parameters={parameters} onChange={onParameters} />
      <IconButton
        label={t`Dictate`}
        keys={useKeysLabel("composer.dictate")}
        side="top"
        aria-pressed={dictation.on}
        onClick={dictation.toggle}
      >
        <Mic className="i-18" />
      </IconButton>
    </>
  );
}
