import { Trans } from "@lingui/react/macro";
import { useSearch } from "@tanstack/react-router";
import { useProviders } from "@/api/providers";
import { useIsNarrow } from "@/lib/media";
import { AddProvider } from "./add-provider";
import { ProviderDetailPage } from "./provider-detail";
import { ProviderList } from "./provider-list";

/** The providers and one of them; with little room, one of both. */
export function ProvidersPage() {
  const { provider, add } = useSearch({ from: "/member/settings" });
  const narrow = useIsNarrow();
  const providers = useProviders();
  const adding = add !== undefined;
  const first = narrow ? undefined : providers.data?.[0]?.id;
  const open = adding ? undefined : (provider ?? first);
  const empty = providers.data?.length === 0;
  return (
    <div className="split">
      {narrow && (adding || provider) ? null : <ProviderList open={open} adding={adding} alone={narrow} />}
      {adding || (empty && !narrow) ? (
        <AddProvider vendor={add ?? ""} />
      ) : open ? (
        <ProviderDetailPage key={open} id={open} />
      ) : narrow ? null : (
        <main className="main detail">
          <h2 className="visually-hidden">
            <Trans>No provider is open</Trans>
          </h2>
        </main>
      )}
    </div>
  );
}
