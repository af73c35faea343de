import { Trans, useLingui } from "@lingui/react/macro";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { removeModel, switchModel } from "@/api/providers";
import type { ModelInfo, ProviderInfo } from "@/api/types";
import { Confirm } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";
import { contextSize } from "@/lib/format";
import { bytes } from "../format";
import { Abilities } from "./abilities";
import { useSayFailure } from "./failure";
import { PriceCell } from "./price-cell";

/** One model: what it can, how much it holds, its price or size, and whether it is in use. */
export function ModelRow({ provider, model }: { provider: ProviderInfo; model: ModelInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  return (
    <tr className={model.enabled ? "" : "is-off"}>
      <td className="name">
        {model.name}
        {model.name === model.id ? null : <small className="mono">{model.id}</small>}
      </td>
      <td>
        <Abilities of={model.abilities} />
      </td>
      <td className="num meta-cell" data-label={t`Context`}>
        {model.context_tokens ? contextSize(model.context_tokens) : null}
      </td>
      <td className="num meta-cell">
        {provider.self_hosted ? (
          model.size_bytes ? (
            bytes(model.size_bytes)
          ) : null
        ) : (
          <PriceCell model={model} />
        )}
      </td>
      <td className="num">
        <span className="acts">
          {provider.manages_models ? (
            <DeleteModel model={model} />
          ) : model.manual ? (
            <ForgetModel model={model} />
          ) : null}
          <Switch
            label={t`Use ${model.name}`}
            checked={model.enabled}
            onChange={(enabled) => void switchModel(model, enabled).catch(say)}
          />
        </span>
      </td>
    </tr>
  );
}

function DeleteModel({ model }: { model: ModelInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  const [asking, setAsking] = useState(false);
  const { name } = model;
  const size = model.size_bytes ? bytes(model.size_bytes) : null;
  const remove = async () => {
    await removeModel(model);
    toast(t`${name} is deleted.`);
  };
  return (
    <>
      <IconButton label={t`Delete ${name} from the disk`} onClick={() => setAsking(true)}>
        <Trash2 className="i-14" />
      </IconButton>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={<Trans>Delete {name}?</Trans>}
        action={<Trans>Delete</Trans>}
        onConfirm={() => void remove().catch(say)}
      >
        {size ? (
          <Trans>This frees {size} on the disk. It can be downloaded again.</Trans>
        ) : (
          <Trans>It can be downloaded again.</Trans>
        )}
      </Confirm>
    </>
  );
}

/** What was added by its id can be added again, so nothing is asked. */
function ForgetModel({ model }: { model: ModelInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  return (
    <IconButton
      label={t`Take ${model.name} from the list`}
      onClick={() => void removeModel(model).catch(say)}
    >
      <Trash2 className="i-14" />
    </IconButton>
  );
}
