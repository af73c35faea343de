import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, Cloud, House, Plus } from "lucide-react";
import { useId } from "react";
import { useProviders } from "@/api/providers";
import { usePulls } from "@/api/pulls";
import type { ProviderInfo, Pull } from "@/api/types";
import { useIsPhone } from "@/lib/media";
import { latency } from "../format";
import { Loaded } from "../page";
import { useProviderName } from "./provider-name";
import { PullProgress } from "./pull-progress";

/** A first answer slower than this deserves a look. */
const SLOW_MS = 3000;
const TO_PROVIDERS = { to: "/settings/$section", params: { section: "providers" } } as const;

interface ProviderListProps {
  open: string | undefined;
  adding: boolean;
  /** There is no room for a page beside it. */
  alone: boolean;
}

export function ProviderList({ open, adding, alone }: ProviderListProps) {
  const { t } = useLingui();
  const phone = useIsPhone();
  const [Pane, Title] = alone ? (["main", "h1"] as const) : (["section", "h2"] as const);
  const providers = useProviders();
  const pulls = usePulls().data ?? [];
  return (
    <Pane className={`list-pane ${alone ? "is-alone" : ""}`} aria-label={t`Providers`}>
      <header className="pane-head">
        {phone ? (
          <Link to="/settings" className="icon-btn back" aria-label={t`Back to settings`}>
            <ArrowLeft className="i-20" />
          </Link>
        ) : null}
        <Title className="serif">
          <Trans>Providers</Trans>
        </Title>
        <Link
          {...TO_PROVIDERS}
          search={{ add: "" }}
          className="btn btn-outline btn-sm"
          aria-current={adding ? "page" : undefined}
        >
          <Plus className="i-14" />
          <Trans>Add</Trans>
        </Link>
      </header>
      <div className="scroll list-pane-body">
        <Loaded query={providers} bones={[70, 52, 60, 46]}>
          {(items) =>
            items.length ? (
              <>
                <Group inHouse items={items.filter((item) => item.self_hosted)} open={open} pulls={pulls} />
                <Group items={items.filter((item) => !item.self_hosted)} open={open} pulls={pulls} />
              </>
            ) : (
              <p className="hint sm p-2">
                <Trans>Nobody answers yet. Add a provider to begin.</Trans>
              </p>
            )
          }
        </Loaded>
      </div>
    </Pane>
  );
}

interface GroupProps {
  inHouse?: boolean;
  items: ProviderInfo[];
  open: string | undefined;
  pulls: Pull[];
}

function Group({ inHouse, items, open, pulls }: GroupProps) {
  const nameOf = useProviderName();
  const id = useId();
  if (!items.length) return null;
  return (
    <>
      <div className="side-group" id={id}>
        {inHouse ? (
          <span className="in">
            <House className="i-14" />
            <Trans>In the house</Trans>
          </span>
        ) : (
          <span className="out">
            <Cloud className="i-14" />
            <Trans>Outside</Trans>
          </span>
        )}
      </div>
      <ul aria-labelledby={id}>
        {items.map((item) => (
          <li key={item.id}>
            <Link
              {...TO_PROVIDERS}
              search={{ provider: item.id }}
              className={`side-row tall ${item.id === open ? "is-current" : ""} ${item.enabled ? "" : "is-off"}`}
              aria-current={item.id === open ? "page" : undefined}
            >
              <StateDot provider={item} />
              <span className="clip" title={nameOf(item)}>
                {nameOf(item)}
              </span>
              <span className="meta">
                <StateWord provider={item} />
              </span>
            </Link>
            {pulls
              .filter((pull) => pull.provider_id === item.id && pull.state === "running" && item.id !== open)
              .map((pull) => (
                <PullProgress key={pull.id} pull={pull} />
              ))}
          </li>
        ))}
      </ul>
    </>
  );
}

function StateDot({ provider: { enabled, status } }: { provider: ProviderInfo }) {
  const slow = (status.latency_ms ?? 0) > SLOW_MS;
  const look = { ok: slow ? "dot-warn" : "dot-ok", failing: "dot-fail", needs: "dot-warn", unknown: "" };
  return <span className={`dot ${enabled ? look[status.state] : ""}`} aria-hidden="true" />;
}

/** The state in a word or two, so that the dot's colour says nothing alone. */
function StateWord({ provider }: { provider: ProviderInfo }) {
  const { enabled, status, origin, self_hosted, has_key: hasKey, model_count: models } = provider;
  if (!enabled) return <Trans>off</Trans>;
  if (status.state === "failing") return <Trans>failing</Trans>;
  if (status.state === "needs" && !self_hosted && !hasKey) return <Trans>needs a key</Trans>;
  if (models === 0) return <Trans>no model</Trans>;
  if (status.state === "unknown" && origin !== "builtin") return <Trans>not tried yet</Trans>;
  if (origin === "builtin" || status.latency_ms == null)
    return <Plural value={models} one="# model" other="# models" />;
  const time = latency(status.latency_ms);
  return status.latency_ms > SLOW_MS ? <Trans>slow, {time}</Trans> : time;
}
