import { Trans, useLingui } from "@lingui/react/macro";
import { ArrowDown, ArrowUp, Ellipsis, Lock, SlidersHorizontal, Trash2 } from "lucide-react";
import type { Rules } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { Switch } from "@/components/ui/switch";
import { useRuleWords } from "./words";

interface RuleRowProps {
  shown: Rules["rules"][number];
  /** What the linter says of it. */
  findings: Rules["findings"];
  first: boolean;
  last: boolean;
  onChange: () => void;
  onSwitch: (on: boolean) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** One rule in its place: when it holds and what it does; one of the file is changed there. */
export function RuleRow({
  shown,
  findings,
  first,
  last,
  onChange,
  onSwitch,
  onMove,
  onRemove,
}: RuleRowProps) {
  const { t } = useLingui();
  const words = useRuleWords();
  const { id, when, then, enabled } = shown.rule;
  return (
    <li className="rule">
      <span className="rule-who">
        <b className="mono break-all">{id}</b>
      </span>
      <div className="rule-bars break-words">
        <p className="sm">{words.condition(when)}</p>
        <p className="sm quiet">{words.action(then)}</p>
        {findings.map((one) => (
          <p key={one.code} className="sm form-error">
            {words.finding(one)}
          </p>
        ))}
      </div>
      {shown.origin === "file" ? (
        <span className="locked hint sm">
          <Lock className="i-14" />
          <span className="mono">{shown.detail ?? "freehold.yaml"}</span>
        </span>
      ) : (
        <span className="row">
          <Switch label={t`Use the rule ${id}`} checked={enabled} onChange={onSwitch} />
          <Menu
            trigger={
              <IconButton label={t`Actions for ${id}`}>
                <Ellipsis />
              </IconButton>
            }
          >
            <MenuItem icon={<SlidersHorizontal />} onSelect={onChange}>
              <Trans>Change</Trans>
            </MenuItem>
            {first ? null : (
              <MenuItem icon={<ArrowUp />} onSelect={() => onMove(-1)}>
                <Trans>Move up</Trans>
              </MenuItem>
            )}
            {last ? null : (
              <MenuItem icon={<ArrowDown />} onSelect={() => onMove(1)}>
                <Trans>Move down</Trans>
              </MenuItem>
            )}
            <MenuLine />
            <MenuItem icon={<Trash2 />} danger onSelect={onRemove}>
              <Trans>Remove</Trans>
            </MenuItem>
          </Menu>
        </span>
      )}
    </li>
  );
}
