import { Trans, useLingui } from "@lingui/react/macro";
import { Ban, Ellipsis, SlidersHorizontal, UserCheck } from "lucide-react";
import type { PersonInfo } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { activeLocale } from "@/i18n";
import { ago } from "@/lib/ago";
import { momentOf } from "../keys/words";
import { usePersonName } from "./words";

export type PersonAction = "change" | "disable" | "enable";

/** One person: who they are, which groups they are in, and when they were last here. */
export function PersonRow({ person, onAct }: { person: PersonInfo; onAct: (action: PersonAction) => void }) {
  const { t } = useLingui();
  const { email, kind, role, status, groups, me } = person;
  const name = usePersonName()(person);
  const off = status !== "active";
  return (
    <li className={off ? "is-off" : ""}>
      <span className="avatar" aria-hidden="true">
        {Array.from(name)[0]?.toUpperCase()}
      </span>
      <span className="grow">
        <span className="row key-name">
          <b className="clip" title={name}>
            {name}
          </b>
          {me ? (
            <span className="hint sm">
              <Trans>you</Trans>
            </span>
          ) : null}
          {off ? (
            <span className="state-word sm">
              {status === "disabled" ? <Trans>disabled</Trans> : <Trans>waiting for approval</Trans>}
            </span>
          ) : null}
        </span>
        <span className="facts hint sm">
          {email ? <span>{email}</span> : null}
          <span>{role === "admin" ? <Trans>Administrator</Trans> : <Trans>Member</Trans>}</span>
          {kind === "service" ? (
            <span>
              <Trans>for keys of freehold.yaml</Trans>
            </span>
          ) : (
            <LastSeen at={person.last_seen_at} />
          )}
        </span>
        {groups.length ? (
          <span className="facts tags">
            {groups.map((group) => (
              <span key={group.id} className="tag">
                {group.name}
              </span>
            ))}
          </span>
        ) : null}
      </span>
      <Menu
        trigger={
          <IconButton label={t`Actions for ${name}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem icon={<SlidersHorizontal />} onSelect={() => onAct("change")}>
          <Trans>Change</Trans>
        </MenuItem>
        {me || kind === "service" ? null : (
          <>
            <MenuLine />
            {off ? (
              <MenuItem icon={<UserCheck />} onSelect={() => onAct("enable")}>
                <Trans>Enable</Trans>
              </MenuItem>
            ) : (
              <MenuItem icon={<Ban />} danger onSelect={() => onAct("disable")}>
                <Trans>Disable</Trans>
              </MenuItem>
            )}
          </>
        )}
      </Menu>
    </li>
  );
}

function LastSeen({ at }: { at: string | null }) {
  if (!at)
    return (
      <span>
        <Trans>never signed in</Trans>
      </span>
    );
  const when = ago(at, activeLocale());
  return (
    <span title={momentOf(at, activeLocale())}>
      <Trans>last seen {when}</Trans>
    </span>
  );
}
