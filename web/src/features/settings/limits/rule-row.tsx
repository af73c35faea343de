import { Trans, useLingui } from "@lingui/react/macro";
import {
  Asterisk,
  Bot,
  Ellipsis,
  Lock,
  SlidersHorizontal,
  Trash2,
  UserRound,
  UsersRound,
} from "lucide-react";
import type { ReactNode } from "react";
import type { RuleKind } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";

const ICONS: Record<RuleKind, ReactNode> = {
  everyone: <Asterisk />,
  user: <UserRound />,
  group: <UsersRound />,
  model: <Bot />,
};

interface RuleRowProps {
  kind: RuleKind;
  name: string;
  /** Null for one that cannot be changed here: of freehold.yaml, or what everyone has. */
  id: string | null;
  locked: boolean;
  onChange: () => void;
  onRemove: () => void;
  children: ReactNode;
}

/** One rule: whom it is for, then what it allows and how much of that is used. */
export function RuleRow({ kind, name, id, locked, onChange, onRemove, children }: RuleRowProps) {
  const { t } = useLingui();
  return (
    <li className="rule">
      <span className="rule-who">
        {ICONS[kind]}
        <b className={kind === "model" ? "mono break-all" : "clip"} title={name}>
          {name}
        </b>
        {kind === "group" ? (
          <span className="hint sm">
            <Trans>group</Trans>
          </span>
        ) : null}
      </span>
      <div className="rule-bars">{children}</div>
      {id ? (
        <Menu
          trigger={
            <IconButton label={t`Actions for ${name}`}>
              <Ellipsis />
            </IconButton>
          }
        >
          <MenuItem icon={<SlidersHorizontal />} onSelect={onChange}>
            <Trans>Change</Trans>
          </MenuItem>
          <MenuLine />
          <MenuItem icon={<Trash2 />} danger onSelect={onRemove}>
            <Trans>Remove</Trans>
          </MenuItem>
        </Menu>
      ) : null}
      {locked ? (
        <span className="locked hint sm">
          <Lock className="i-14" />
          <span className="mono">freehold.yaml</span>
        </span>
      ) : null}
    </li>
  );
}

interface BarProps {
  label: string;
  /** Null where each person has their own. */
  used: number | null;
  limit: number;
  children: ReactNode;
  note?: ReactNode;
}

/** From this share on a limit is nearly used up, and the bar and its words say so. */
const NEARLY = 0.9;

/** How much of a limit is used, as a bar and in words. */
export function Bar({ label, used, limit, children, note }: BarProps) {
  const share = used === null ? 0 : limit > 0 ? Math.min(1, used / limit) : 1;
  return (
    <div className="rule-bar">
      {used === null ? null : (
        <meter className="disk" aria-label={label} min={0} max={1} high={NEARLY} value={share} />
      )}
      <span className={share > NEARLY ? "text-warning" : ""}>{children}</span>
      {note ? <span className="hint sm">{note}</span> : null}
    </div>
  );
}
