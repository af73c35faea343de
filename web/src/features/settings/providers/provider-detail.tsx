import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowLeft, Cloud, House, Lock } from "lucide-react";
import { type ReactNode, useState } from "react";
import { changeProvider, removeProvider, useProvider } from "@/api/providers";
import type { ProviderInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";
import { useIsNarrow } from "@/lib/media";
import { Loaded } from "../page";
import { useSaved } from "../use-saved";
import { Downloads } from "./downloads";
import { useSayFailure } from "./failure";
import { Models } from "./models";
import { CheckNow, ProviderForm } from "./provider-form";
import { useProviderName } from "./provider-name";

/** One provider: address and key, what it offers, on or off, and the way out. */
export function ProviderDetailPage({ id }: { id: string }) {
  const query = useProvider(id);
  const [saved, save] = useSaved();
  const nameOf = useProviderName();
  return (
    <main className="main scroll detail" id="main">
      {query.data ? null : <DetailHead name={id} />}
      <Loaded query={query} bones={[36, 60, 48, 70, 64]}>
        {({ provider, models }) => {
          const locked = provider.origin !== "database";
          return (
            <>
              <DetailHead name={nameOf(provider)} provider={provider}>
                {saved}
                {locked ? null : <EnableSwitch provider={provider} />}
              </DetailHead>
              {locked ? <Origin provider={provider} /> : null}
              {provider.origin === "builtin" ? null : locked ? (
                <CheckNow provider={provider} />
              ) : (
                <ProviderForm provider={provider} save={save} />
              )}
              {provider.manages_models ? <Downloads provider={provider} models={models} /> : null}
              <Models provider={provider} models={models} />
              {locked ? null : <Remove provider={provider} />}
            </>
          );
        }}
      </Loaded>
    </main>
  );
}

/** Name, where it runs, and on narrow screens the way back to the list. */
export function DetailHead({
  name,
  provider,
  children,
}: {
  name: ReactNode;
  provider?: Pick<ProviderInfo, "self_hosted">;
  children?: ReactNode;
}) {
  const { t } = useLingui();
  const narrow = useIsNarrow();
  return (
    <header className="detail-head">
      {narrow ? (
        <Link
          to="/settings/$section"
          params={{ section: "providers" }}
          className="icon-btn back"
          aria-label={t`Back to the providers`}
        >
          <ArrowLeft className="i-20" />
        </Link>
      ) : null}
      <div className="grow">
        <h1 className="serif">{name}</h1>
        {provider ? (
          <p className="quiet">
            {provider.self_hosted ? (
              <Trans>What is sent here stays in the house.</Trans>
            ) : (
              <Trans>What is sent here leaves the house.</Trans>
            )}
          </p>
        ) : null}
      </div>
      {provider ? <WherePill inHouse={provider.self_hosted} /> : null}
      {children}
    </header>
  );
}

function WherePill({ inHouse }: { inHouse: boolean }) {
  return inHouse ? (
    <span className="pill pill-in">
      <House className="i-14" />
      <Trans>in-house</Trans>
    </span>
  ) : (
    <span className="pill pill-out">
      <Cloud className="i-14" />
      <Trans>outside</Trans>
    </span>
  );
}

function EnableSwitch({ provider: { id, name, enabled } }: { provider: ProviderInfo }) {
  const { t } = useLingui();
  const say = useSayFailure();
  return (
    <Switch
      label={t`Use ${name}`}
      checked={enabled}
      onChange={(next) => void changeProvider(id, { enabled: next }).catch(say)}
    />
  );
}

/** Where a provider comes from that cannot be changed here. */
function Origin({ provider: { origin, origin_detail: detail } }: { provider: ProviderInfo }) {
  const place = detail ?? "";
  return (
    <p className="row quiet mb-4">
      <Lock className="i-14" />
      <span>
        {origin === "builtin" ? (
          <Trans>Comes with Freehold and runs on the server itself.</Trans>
        ) : origin === "file" ? (
          <Trans>
            Set in <span className="mono">{place}</span>. Change it there, it is read again at once; here it
            can be looked at and checked.
          </Trans>
        ) : (
          <Trans>
            Set in <span className="mono">{place}</span>. Change it there and start again; here it can be
            looked at and checked.
          </Trans>
        )}
      </span>
    </p>
  );
}

function Remove({ provider: { id, name } }: { provider: ProviderInfo }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const say = useSayFailure();
  const [asking, setAsking] = useState(false);
  const remove = async () => {
    await removeProvider(id);
    toast(t`${name} is removed.`);
    await navigate({ to: "/settings/$section", params: { section: "providers" } });
  };
  return (
    <>
      <div className="detail-foot">
        <span className="grow" />
        <Button small variant="ghost" className="is-end text-danger" onClick={() => setAsking(true)}>
          <Trans>Remove provider</Trans>
        </Button>
      </div>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={<Trans>Remove {name}?</Trans>}
        action={<Trans>Remove</Trans>}
        onConfirm={() => void remove().catch(say)}
      >
        <Trans>
          Its key is deleted for good. Chats keep their answers, but new ones cannot be asked from its models.
          To pause it, turn it off instead.
        </Trans>
      </Confirm>
    </>
  );
}
