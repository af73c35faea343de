import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { Copy, Ellipsis, History, SlidersHorizontal, SquarePen, Trash2 } from "lucide-react";
import type { Prompt } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { changeDraft } from "@/features/chat/composer/drafts";
import { variablesOf } from "./variables";

export type PromptAction = "change" | "copy" | "versions" | "remove";

/** One prompt: what it says, who has it. */
export function PromptRow({ prompt, onAct }: { prompt: Prompt; onAct: (action: PromptAction) => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { title, text, tags, mine, editable, audience, group_name: group, owner_name: owner } = prompt;
  const variables = variablesOf(text);
  const use = async () => {
    changeDraft("new", { text });
    await navigate({ to: "/" });
  };
  return (
    <li>
      <span className="grow">
        <span className="row">
          <b className="clip" title={title}>
            {title}
          </b>
          {audience === "all" ? (
            <span className="tag">{mine ? <Trans>for everybody</Trans> : <Trans>from {owner}</Trans>}</span>
          ) : null}
          {audience === "group" ? (
            <span className="tag">
              {group ? <Trans>for {group}</Trans> : <Trans>its group is gone</Trans>}
            </span>
          ) : null}
        </span>
        <span className="hint sm prompt-words" dir="auto">
          {text.slice(0, 300)}
        </span>
        {tags.length || variables.length ? (
          <span className="tags">
            {variables.map(({ name }) => (
              <code key={name} className="tag">{`{{${name}}}`}</code>
            ))}
            {tags.map((tag) => (
              <span key={tag} className="tag">
                {tag}
              </span>
            ))}
          </span>
        ) : null}
      </span>
      {variables.length ? null : (
        <Button small variant="ghost" className="only-wide" onClick={() => void use()}>
          <SquarePen />
          <Trans>Use</Trans>
          <span className="visually-hidden">{title}</span>
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label={t`Actions for the prompt ${title}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        {editable ? (
          <MenuItem icon={<SlidersHorizontal />} onSelect={() => onAct("change")}>
            <Trans>Change</Trans>
          </MenuItem>
        ) : null}
        <MenuItem icon={<Copy />} onSelect={() => onAct("copy")}>
          <Trans>Make a copy</Trans>
        </MenuItem>
        {editable ? (
          <>
            <MenuItem icon={<History />} onSelect={() => onAct("versions")}>
              <Trans>Versions</Trans>
            </MenuItem>
            <MenuLine />
            <MenuItem icon={<Trash2 />} danger onSelect={() => onAct("remove")}>
              <Trans>Delete</Trans>
            </MenuItem>
          </>
        ) : null}
      </Menu>
    </li>
  );
}
