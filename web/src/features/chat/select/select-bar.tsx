import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Copy, Download, Trash2, X } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { withBelow } from "@/api/messages";
import { findModel, useModels } from "@/api/models";
import type { Message, Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { saveText } from "@/lib/save-file";
import { focusMessage } from "../focus";
import { useDeleteOf } from "../message/use-delete";
import { asMarkdown } from "./as-markdown";
import { endSelecting, pickEvery, useSelecting } from "./state";

interface SelectBarProps {
  thread: Thread;
  /** What can be selected, in the order in which it stands. */
  messages: Message[];
  /** All of the chat, on every branch. */
  all: Message[];
  busy: boolean;
}

/** How many messages are selected and what can be done with them. */
export function SelectBar({ thread, messages, all, busy }: SelectBarProps) {
  const { t } = useLingui();
  const report = useReport();
  const { data: models } = useModels();
  const deleteOf = useDeleteOf();
  const { chosen } = useSelecting(({ selection }) => selection);
  const picked = messages.filter(({ id }) => chosen.has(id));
  const count = picked.length;
  const order = messages.map(({ id }) => id).join();
  useEffect(() => useSelecting.setState({ order: order.split(",") }), [order]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      event.preventDefault();
      leave();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);

  const speaker = ({ role, run }: Message) => {
    if (role === "user") return t`You`;
    const name = findModel(models, run?.model)?.name ?? run?.model_id ?? t`the model`;
    const where = run?.self_hosted ? t`in-house` : run?.provider_name;
    return where ? `${name} · ${where}` : name;
  };
  const text = () => asMarkdown(picked, speaker);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    toast(t`${plural(count, { one: "# message copied", other: "# messages copied" })}`);
    leave();
  };
  const save = () => {
    const title = thread.title || t`New chat`;
    saveText(`${title.replace(/[\\/:*?"<>|\n]+/g, " ").trim()}.md`, `# ${title}\n\n${text()}`, MARKDOWN);
    leave();
  };
  const remove = () => {
    const [first] = picked;
    endSelecting();
    // what follows the first one hangs below it, the others among that
    if (first) deleteOf(first);
  };
  const none = count === 0;
  const gone = picked[0] ? withBelow(all, picked[0].id).size : 0;
  return (
    <div className="select-bar" role="toolbar" aria-label={t`Actions for the selected messages`}>
      <div className="column row">
        <span role="status" className="grow sm">
          {plural(count, { one: "# message selected", other: "# messages selected" })}
        </span>
        <Button small variant="ghost" className="only-wide" onClick={pickEvery}>
          <Trans>Select all</Trans>
        </Button>
        <Does
          label={t`Copy`}
          icon={<Copy className="i-14" />}
          disabled={none}
          onClick={() => void copy().catch(report)}
        />
        <Does label={t`Export`} icon={<Download className="i-14" />} disabled={none} onClick={save} />
        <Does
          label={none ? t`Delete from the first one on` : t`Delete ${gone} from the first one on`}
          short={none ? undefined : gone}
          icon={<Trash2 className="i-14" />}
          disabled={none || busy}
          onClick={remove}
        />
        <IconButton label={t`End selecting`} keys="Esc" side="top" onClick={leave}>
          <X />
        </IconButton>
      </div>
    </div>
  );
}

interface DoesProps {
  label: string;
  /** What stands beside the icon where there is no room for the label. */
  short?: number;
  icon: ReactNode;
  disabled: boolean;
  onClick: () => void;
}

/** On a phone there is room for its icon and a number. */
function Does({ label, short, icon, ...button }: DoesProps) {
  return (
    <Button small variant="ghost" aria-label={label} {...button}>
      {icon}
      <span className="only-wide">{label}</span>
      {short === undefined ? null : <span className="only-phone">{short}</span>}
    </Button>
  );
}

const MARKDOWN = "text/markdown;charset=utf-8";

/** The focus goes back to the message where the selection began. */
function leave(): void {
  const { anchor } = useSelecting.getState().selection;
  endSelecting();
  if (anchor) focusMessage(anchor, "more");
}
