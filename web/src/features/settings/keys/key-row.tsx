import { Trans, useLingui } from "@lingui/react/macro";
import { Ban, Code, Ellipsis, Lock, RefreshCw, SlidersHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import type { KeyInfo } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { activeLocale } from "@/i18n";
import { ago } from "@/lib/ago";
import { KeySpent } from "./key-spent";
import { dayOf, momentOf, useScopeNames } from "./words";

export type KeyAction = "use" | "change" | "rotate" | "revoke";

/** One key: what it may do, when it was used and until when it works. */
export function KeyRow({ info, onAct }: { info: KeyInfo; onAct: (action: KeyAction) => void }) {
  const { t } = useLingui();
  const { name, owner, mine, origin, origin_detail: place } = info;
  const person = owner ? owner.name || owner.email || t`the local owner` : t`nobody`;
  const start = info.secrets[0]?.start;
  return (
    <li className={info.state === "active" ? "" : "is-off"}>
      <span className="grow">
        <span className="row key-name">
          <b className="clip" title={name}>
            {name}
          </b>
          {mine ? null : <span className="hint sm clip">{person}</span>}
          <State info={info} />
        </span>
        <span className="facts hint sm">
          {start ? <span className="mono">{start}…</span> : null}
          {origin === "file" ? (
            <span className="row">
              <Lock className="i-14" />
              <span className="mono">{place}</span>
            </span>
          ) : null}
          <Rights info={info} />
        </span>
        <span className="facts hint sm">
          <LastUse info={info} />
          <Ends info={info} />
        </span>
        <Older info={info} />
        {info.budget ? <KeySpent name={name} budget={info.budget} /> : null}
      </span>
      {origin === "file" || info.state === "revoked" ? null : (
        <Menu
          trigger={
            <IconButton label={t`Actions for the key ${name}`}>
              <Ellipsis />
            </IconButton>
          }
        >
          {info.state === "active" ? (
            <MenuItem icon={<Code />} onSelect={() => onAct("use")}>
              <Trans>How to use it</Trans>
            </MenuItem>
          ) : null}
          <MenuItem icon={<SlidersHorizontal />} onSelect={() => onAct("change")}>
            <Trans>Change</Trans>
          </MenuItem>
          {mine && info.state === "active" ? (
            <MenuItem icon={<RefreshCw />} onSelect={() => onAct("rotate")}>
              <Trans>Rotate</Trans>
            </MenuItem>
          ) : null}
          <MenuLine />
          <MenuItem icon={<Ban />} danger onSelect={() => onAct("revoke")}>
            <Trans>Revoke</Trans>
          </MenuItem>
        </Menu>
      )}
    </li>
  );
}

/** A state other than working, in a word. */
function State({ info: { state } }: { info: KeyInfo }) {
  const words: Record<KeyInfo["state"], ReactNode> = {
    active: null,
    expired: <Trans>expired</Trans>,
    revoked: <Trans>revoked</Trans>,
    owner_off: <Trans>account not active</Trans>,
  };
  return state === "active" ? null : <span className="state-word sm">{words[state]}</span>;
}

function Rights({ info: { scopes, models, limits, networks } }: { info: KeyInfo }) {
  const names = useScopeNames();
  const comma = activeLocale() === "zh-CN" ? "、" : ", ";
  const perMinute = limits.requests_per_minute;
  return (
    <>
      <span>{scopes.map((scope) => names[scope]).join(comma)}</span>
      {models.includes("*") ? null : <span className="mono clip">{models.join(", ")}</span>}
      {perMinute ? (
        <span>
          <Trans>{perMinute} requests a minute</Trans>
        </span>
      ) : null}
      {networks.length ? <span className="mono clip">{networks.join(", ")}</span> : null}
    </>
  );
}

function LastUse({ info: { last_used_at: used, last_used_address: address } }: { info: KeyInfo }) {
  if (!used)
    return (
      <span>
        <Trans>never used</Trans>
      </span>
    );
  const when = ago(used, activeLocale());
  return (
    <span title={momentOf(used, activeLocale())}>
      {address ? (
        <Trans>
          used {when} from {address}
        </Trans>
      ) : (
        <Trans>used {when}</Trans>
      )}
    </span>
  );
}

const SOON_MS = 7 * 86_400_000;

function Ends({ info: { state, expires_at: expires, revoked_at: revoked } }: { info: KeyInfo }) {
  const locale = activeLocale();
  if (state === "revoked" && revoked) {
    const day = dayOf(revoked, locale);
    return (
      <span>
        <Trans>revoked on {day}</Trans>
      </span>
    );
  }
  if (!expires)
    return (
      <span>
        <Trans>never expires</Trans>
      </span>
    );
  const day = dayOf(expires, locale);
  const soon = state === "active" && Date.parse(expires) - Date.now() < SOON_MS;
  return (
    <span className={soon ? "text-warning" : ""} title={momentOf(expires, locale)}>
      {state === "expired" ? <Trans>expired on {day}</Trans> : <Trans>expires on {day}</Trans>}
    </span>
  );
}

/** While a rotation overlaps: until when the older secret works, and whether somebody still uses it. */
function Older({ info: { secrets } }: { info: KeyInfo }) {
  const older = secrets.find((secret) => secret.expires_at);
  if (!older?.expires_at || secrets.length < 2) return null;
  const until = momentOf(older.expires_at, activeLocale());
  const used = older.last_used_at ? ago(older.last_used_at, activeLocale()) : "";
  return (
    <span className="facts hint sm">
      <span>
        <Trans>
          The older secret <span className="mono">{older.start}…</span> works until {until}.
        </Trans>{" "}
        {used ? <Trans>It was last used {used}.</Trans> : null}
      </span>
    </span>
  );
}
