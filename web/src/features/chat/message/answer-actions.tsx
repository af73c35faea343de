import { Trans, useLingui } from "@lingui/react/macro";
import { Ellipsis, Info, Pencil, RefreshCw, RotateCcw, Route, StepForward, Trash2 } from "lucide-react";
import { type RefObject, useState } from "react";
import { noteCopied } from "@/api/messages";
import type { Message } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { useReport } from "@/features/errors/report";
import { CopyButton } from "@/features/markdown/copy-button";
import { RememberItem } from "@/features/memory/remember-item";
import { PickerPopover } from "@/features/picker/picker-popover";
import { TranslateItem } from "@/features/translation/translate-item";
import { ReadAloud, useIsRead } from "@/features/voice/read-aloud";
import { continueAnswer, regenerate } from "../actions";
import { SelectItem } from "../select/select-item";
import { textOf } from "../tree";
import { useKeptInHouse } from "../use-thread-model";
import { DetailsDialog } from "./details";
import { FeedbackButtons } from "./feedback";
import { ForkMenu } from "./fork-menu";
import { LinkItem } from "./link-item";
import { CollapseItem } from "./long";
import { PinItem } from "./pin-item";
import { useDelete, useReplace } from "./use-delete";

interface AnswerActionsProps {
  message: Message;
  busy: boolean;
  /** The last answer says how it ended, and goes on from there. */
  last: boolean;
  element: RefObject<HTMLElement | null>;
  onEdit: () => void;
}

/** Whether there is something to go on from. */
export function canContinue(message: Message): boolean {
  return (
    message.status === "stopped" ||
    message.status === "interrupted" ||
    message.run?.finish_reason === "length"
  );
}

export function AnswerActions({ message, busy, last, element, onEdit }: AnswerActionsProps) {
  const { t } = useLingui();
  const report = useReport();
  const [details, setDetails] = useState(false);
  const inHouse = useKeptInHouse(message.thread_id);
  const remove = useDelete(message);
  const replace = useReplace(message);
  const isRead = useIsRead(message.id);
  const text = textOf(message);
  return (
    <div className={last || isRead ? "actions" : "actions on-hover"}>
      {text ? (
        <CopyButton
          label={t`Copy`}
          content={() => bothForms(text, element.current)}
          onCopied={() => noteCopied(message)}
        />
      ) : null}
      {text && message.status !== "streaming" ? (
        <ReadAloud message={message} text={text} inHouse={inHouse} />
      ) : null}
      {canContinue(message) && !last ? (
        <IconButton
          label={t`Continue`}
          disabled={busy}
          onClick={() => void continueAnswer(message).catch(report)}
        >
          <StepForward className="i-14" />
        </IconButton>
      ) : null}
      <IconButton
        label={t`Answer again`}
        disabled={busy}
        onClick={() => void regenerate(message).catch(report)}
      >
        <RefreshCw className="i-14" />
      </IconButton>
      <PickerPopover
        current={message.run?.model}
        inHouse={inHouse}
        onPick={(model) => void regenerate(message, model).catch(report)}
        trigger={
          <IconButton label={t`Answer again with another model`} disabled={busy}>
            <Route className="i-14" />
          </IconButton>
        }
      />
      {message.status === "complete" ? <FeedbackButtons message={message} /> : null}
      <Menu
        trigger={
          <IconButton label={t`More`} data-control="more">
            <Ellipsis className="i-14" />
          </IconButton>
        }
      >
        <MenuItem icon={<Pencil />} onSelect={onEdit} disabled={!text}>
          <Trans>Edit</Trans>
        </MenuItem>
        <LinkItem message={message} />
        <TranslateItem message={message} />
        <RememberItem message={message} />
        <ForkMenu message={message} />
        <PinItem message={message} />
        <CollapseItem message={message} />
        <SelectItem message={message} />
        <MenuItem icon={<Info />} onSelect={() => setDetails(true)}>
          <Trans>Details</Trans>
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<RotateCcw />} danger disabled={busy} onSelect={replace}>
          <Trans>Delete and answer again</Trans>
        </MenuItem>
        <MenuItem icon={<Trash2 />} danger disabled={busy} onSelect={remove}>
          <Trans>Delete from here on</Trans>
        </MenuItem>
      </Menu>
      {details ? <DetailsDialog message={message} onClose={() => setDetails(false)} /> : null}
    </div>
  );
}

/** Markdown for editors, the rendered form for everything that takes rich text. */
function bothForms(text: string, element: HTMLElement | null): ClipboardItem | string {
  const prose = element?.querySelector(".answer-words > .prose");
  if (!prose) return text;
  const clone = prose.cloneNode(true) as HTMLElement;
  for (const extra of clone.querySelectorAll("button, .code-head, .katex-html")) extra.remove();
  for (const part of clone.querySelectorAll("*")) {
    for (const { name } of [...part.attributes]) if (name !== "href") part.removeAttribute(name);
  }
  return new ClipboardItem({
    "text/plain": new Blob([text], { type: "text/plain" }),
    "text/html": new Blob([clone.innerHTML], { type: "text/html" }),
  });
}
