import { Trans, useLingui } from "@lingui/react/macro";
import { Lock } from "lucide-react";
import { useState } from "react";
import { setPrices } from "@/api/providers";
import type { ModelInfo, ProviderInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { FormDialog } from "../form-dialog";
import { useSayFailure } from "./failure";
import { PriceFields } from "./price-fields";
import { type PriceTexts, pricesOf, textsOf, wrongIn } from "./prices";

interface PriceFormProps {
  provider: ProviderInfo;
  model: ModelInfo;
  onClose: () => void;
}

/** The prices of one model: entered, changed and taken back, or only shown where the file says them. */
export function PriceForm({ provider, model, onClose }: PriceFormProps) {
  const { t } = useLingui();
  const say = useSayFailure();
  const [texts, setTexts] = useState(() => textsOf(model.prices));
  const [wrong, setWrong] = useState<ReturnType<typeof wrongIn>>(new Map());
  const { name } = model;
  const title = <Trans>Price of {name}</Trans>;
  const fields = (
    <>
      <Source provider={provider} model={model} />
      <PriceFields
        texts={texts}
        wrong={wrong}
        locked={model.price_source === "file"}
        onChange={(next: Partial<PriceTexts>) => {
          setTexts({ ...texts, ...next });
          setWrong(new Map([...wrong].filter(([field]) => !(field in next))));
        }}
      />
    </>
  );
  if (model.price_source === "file")
    return (
      <Dialog
        open
        wide
        onOpenChange={onClose}
        title={title}
        footer={
          <Button onClick={onClose}>
            <Trans>Close</Trans>
          </Button>
        }
      >
        <div className="key-form">{fields}</div>
      </Dialog>
    );

  const submit = async () => {
    const found = wrongIn(texts);
    setWrong(found);
    if (found.size) return false;
    await setPrices(model, pricesOf(texts));
    return true;
  };
  const takeBack = async () => {
    const before = pricesOf(textsOf(model.prices));
    await setPrices(model, null);
    onClose();
    toast(t`The entered price of ${name} is removed.`, {
      undo: () => void setPrices(model, before).catch(say),
    });
  };
  return (
    <FormDialog
      title={title}
      action={<Trans>Save</Trans>}
      onClose={onClose}
      onSubmit={submit}
      aside={
        model.price_source === "entered" ? (
          <Button variant="ghost" className="is-start text-danger" onClick={() => void takeBack().catch(say)}>
            <Trans>Remove price</Trans>
          </Button>
        ) : null
      }
    >
      {fields}
    </FormDialog>
  );
}

function Source({ provider, model }: { provider: ProviderInfo; model: ModelInfo }) {
  const place = provider.origin_detail ?? "freehold.yaml";
  return (
    <p className="quiet wide">
      {model.price_source === "file" ? (
        <>
          <Lock className="i-14 me-2 inline align-[-2px]" />
          <Trans>
            Set in <span className="mono">{place}</span>. Change it there; it is read again at once.
          </Trans>
        </>
      ) : model.price_source === "entered" ? (
        <Trans>Entered here; it counts instead of what the provider or the bundled price list says.</Trans>
      ) : model.price_source === "catalogue" ? (
        <Trans>From the provider or the bundled price list. What you enter counts instead.</Trans>
      ) : (
        <Trans>
          Nobody knows what this model costs, so it is not asked under a budget. The provider’s website tells.
        </Trans>
      )}
    </p>
  );
}
