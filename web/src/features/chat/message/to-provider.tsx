import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ErrorInfo } from "@/api/types";

/** The way to the provider's page, for what an administrator mends there. */
export function ToProvider({ error: { code, params = {} } }: { error: ErrorInfo }) {
  const wayOut: Record<string, ReactNode> = {
    provider_key_rejected: <Trans>Enter a new key</Trans>,
    provider_key_missing: <Trans>Enter a new key</Trans>,
    provider_unreachable: <Trans>Check the provider</Trans>,
    provider_protocol_error: <Trans>Check the provider</Trans>,
    model_not_installed: <Trans>Download it</Trans>,
    no_model_available: <Trans>Connect a provider</Trans>,
    price_unknown: <Trans>Enter its price</Trans>,
  };
  if (!wayOut[code]) return null;
  const provider =
    typeof params.provider_id === "string" && params.provider_id ? params.provider_id : undefined;
  // the model is provider/model; its price is entered in a dialog of the provider's page
  const price =
    code === "price_unknown" && provider ? String(params.model).slice(provider.length + 1) : undefined;
  return (
    <Link
      to="/settings/$section"
      params={{ section: "providers" }}
      search={{ provider, price }}
      className="btn btn-outline btn-sm"
    >
      {wayOut[code]}
    </Link>
  );
}
