import { Trans, useLingui } from "@lingui/react/macro";
import { Copy, Ellipsis, Pencil, RefreshCw, Trash2 } from "lucide-react";
import { memo, useState } from "react";
import { patchMessage } from "@/api/messages";
import type { Message, PartInput } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { useReport } from "@/features/errors/report";
import { CopyButton } from "@/features/markdown/copy-button";
import { RememberItem } from "@/features/memory/remember-item";
import { TranslateItem } from "@/features/translation/translate-item";
import { TranslationSlot } from "@/features/translation/translation-slot";
import { useIsPhone } from "@/lib/media";
import { regenerate, send } from "../actions";
import { focusMessage, focusNewVersion } from "../focus";
import { SelectItem } from "../select/select-item";
import { useIsSelecting } from "../select/state";
import { textOf } from "../tree";
import { useThreadModel } from "../use-thread-model";
import { AttachedFiles } from "./attached-files";
import { Branch } from "./branch";
import { EditBox } from "./edit-box";
import { ForkMenu } from "./fork-menu";
import { LinkItem } from "./link-item";
import { Long } from "./long";
import { OwnWords } from "./own-words";
import { Pictures } from "./pictures";
import { PinItem, Pinned } from "./pin-item";
import { useDelete } from "./use-delete";

interface UserMessageProps {
  message: Message;
  siblings: Message[];
  /** An answer is being written: nothing may start another. */
  busy: boolean;
}

/** The parts of an edited message: its files stay, its text is new. */
export function editedParts(message: Message, text: string): PartInput[] {
  const files = message.parts.flatMap((part): PartInput[] =>
    part.type === "image" || part.type === "file" ? [{ type: part.type, file_id: part.file_id }] : [],
  );
  return [...files, { type: "text", text }];
}

/** What one said. */
export const UserMessage = memo(
  function UserMessage({ message, siblings, busy }: UserMessageProps) {
    const { t } = useLingui();
    const report = useReport();
    const phone = useIsPhone();
    const [editing, setEditing] = useState(false);
    const model = useThreadModel(message.thread_id);
    const remove = useDelete(message);
    const text = textOf(message);
    const selecting = useIsSelecting(message.thread_id);
    const pending = message.id === "pending";

    const close = () => {
      setEditing(false);
      focusMessage(message.id, "edit");
    };
    const save = (value: string) => {
      close();
      if (value !== text) patchMessage(message.id, editedParts(message, value)).catch(report);
    };
    const rerun = (value: string) => {
      if (!model) return close();
      setEditing(false);
      const { thread_id: threadId, parent_id: parentId } = message;
      focusNewVersion(parentId);
      send({ threadId, parentId, parts: editedParts(message, value), model, effort: null }).catch(report);
    };
    return (
      <article
        className="turn is-own"
        aria-label={t`You`}
        tabIndex={-1}
        data-message={message.id}
        data-parent={message.parent_id ?? ""}
        onDoubleClick={(event) => event.altKey && !pending && setEditing(true)}
      >
        <Pictures parts={message.parts} end />
        <AttachedFiles parts={message.parts} />
        {editing ? (
          <EditBox text={text} onSave={save} onRerun={busy ? undefined : rerun} onCancel={close} />
        ) : text ? (
          <Long message={message} className="bubble">
            <OwnWords text={text} />
          </Long>
        ) : null}
        {editing ? null : <TranslationSlot message={message} />}
        {pending || editing ? null : (
          <div className="user-meta" inert={selecting}>
            {message.pinned ? <Pinned /> : null}
            <div className="actions on-hover">
              {phone ? null : <CopyButton label={t`Copy`} content={() => text} />}
              {phone ? null : (
                <IconButton label={t`Edit`} data-control="edit" onClick={() => setEditing(true)}>
                  <Pencil className="i-14" />
                </IconButton>
              )}
              <Menu
                trigger={
                  <IconButton label={t`More`} data-control="more">
                    <Ellipsis className="i-14" />
                  </IconButton>
                }
              >
                {phone ? (
                  <>
                    <MenuItem icon={<Copy />} onSelect={() => void navigator.clipboard.writeText(text)}>
                      <Trans>Copy</Trans>
                    </MenuItem>
                    <MenuItem icon={<Pencil />} onSelect={() => setEditing(true)}>
                      <Trans>Edit</Trans>
                    </MenuItem>
                  </>
                ) : null}
                <MenuItem
                  icon={<RefreshCw />}
                  disabled={busy}
                  onSelect={() => void regenerate(message, model).catch(report)}
                >
                  <Trans>Answer again</Trans>
                </MenuItem>
                <LinkItem message={message} />
                <TranslateItem message={message} />
                <RememberItem message={message} />
                <ForkMenu message={message} />
                <PinItem message={message} />
                <SelectItem message={message} />
                <MenuLine />
                <MenuItem icon={<Trash2 />} danger disabled={busy} onSelect={remove}>
                  <Trans>Delete from here on</Trans>
                </MenuItem>
              </Menu>
            </div>
            <Branch message={message} siblings={siblings} />
          </div>
        )}
      </article>
    );
  },
  (before, after) =>
    before.message === after.message &&
    before.busy === after.busy &&
    before.siblings.length === after.siblings.length,
);
