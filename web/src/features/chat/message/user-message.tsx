import { Trans, useLingui } from "@lingui/react/macro";
import { Copy, Ellipsis, Pencil, RefreshCw, Trash2 } from "lucide-react";
import { memo, useState } from "react";
import { patchMessage } from "@/api/messages";
import type { Message, PartInput } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { useReport } from "@/features/errors/report";
import { CopyButton } from "@/features/markdown/copy-button";
import { useIsPhone } from "@/lib/media";
import { regenerate, send } from "../actions";
import { textOf } from "../tree";
import { useThreadModel } from "../use-thread-model";
import { Branch } from "./branch";
import { EditBox } from "./edit-box";
import { Pictures } from "./pictures";
import { useDelete } from "./use-delete";

interface UserMessageProps {
  message: Message;
  siblings: Message[];
  /** An answer is being written: nothing may start another. */
  busy: boolean;
}

/** The parts of an edited message: its images stay, its text is new. */
export function editedParts(message: Message, text: string): PartInput[] {
  const images = message.parts.flatMap((part): PartInput[] =>
    part.type === "image" ? [{ type: "image", file_id: part.file_id }] : [],
  );
  return [...images, { type: "text", text }];
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
    const pending = message.id === "pending";

    const save = (value: string) => {
      setEditing(false);
      if (value !== text) patchMessage(message.id, editedParts(message, value)).catch(report);
    };
    const rerun = (value: string) => {
      setEditing(false);
      if (!model) return;
      const { thread_id: threadId, parent_id: parentId } = message;
      send({ threadId, parentId, parts: editedParts(message, value), model, effort: null }).catch(report);
    };
    return (
      <article
        className="turn is-own"
        aria-label={t`You`}
        onDoubleClick={(event) => event.altKey && !pending && setEditing(true)}
      >
        <Pictures parts={message.parts} end />
        {editing ? (
          <EditBox
            text={text}
            onSave={save}
            onRerun={busy ? undefined : rerun}
            onCancel={() => setEditing(false)}
          />
        ) : text ? (
          <div className="bubble">{text}</div>
        ) : null}
        {pending || editing ? null : (
          <div className="user-meta">
            <div className="actions on-hover">
              {phone ? null : <CopyButton label={t`Copy`} content={() => text} />}
              {phone ? null : (
                <IconButton label={t`Edit`} onClick={() => setEditing(true)}>
                  <Pencil className="i-14" />
                </IconButton>
              )}
              <Menu
                trigger={
                  <IconButton label={t`More`}>
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
