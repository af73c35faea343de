import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Lock, Pencil } from "lucide-react";
import type { ModelInfo } from "@/api/types";
import { dollars } from "../format";

/** The model whose prices are open, by its id, and the way to open another one or none; it is in the address. */
export function useOpenPrice(): [string | undefined, (id?: string) => void] {
  const { price } = useSearch({ from: "/member/settings" });
  const navigate = useNavigate();
  const show = (id?: string) =>
    void navigate({
      to: ".",
      search: (search) => ({ ...search, price: id }),
      replace: true,
      resetScroll: false,
    });
  return [price, show];
}

/** What a model costs and who says so; a click opens the form. */
export function PriceCell({ model }: { model: ModelInfo }) {
  const { t } = useLingui();
  const [, show] = useOpenPrice();
  const text = usePriceText(model);
  const { name, price_source: source } = model;
  const Icon = source === "file" ? Lock : Pencil;
  return (
    <>
      <button
        type="button"
        className={`price-btn ${source === "unknown" ? "is-unknown" : ""}`}
        aria-label={t`${text}: price of ${name}`}
        aria-haspopup="dialog"
        onClick={() => show(model.id)}
      >
        <Icon className="i-14" />
        {text}
      </button>
      {source === "file" ? (
        <small>
          <Trans>from the file</Trans>
        </small>
      ) : source === "entered" ? (
        <small>
          <Trans>entered here</Trans>
        </small>
      ) : null}
    </>
  );
}

function usePriceText({ prices }: ModelInfo): string {
  const { t } = useLingui();
  const { input = null, output = null, audio_minute: minute = null } = prices ?? {};
  if (input === null && minute !== null) {
    const usd = dollars(minute);
    return t`${usd} a minute`;
  }
  if (input === null) return t`price unknown`;
  if (input === 0 && !output) return t`free`;
  return `${dollars(input)} / ${output === null ? "?" : dollars(output).slice(1)}`;
}
