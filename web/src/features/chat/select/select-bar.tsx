import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Copy, Download, ImageDown, Link2, Trash2, X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { withBelow } from "@/api/messages";
import type { Message, Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { useMoving } from "@/features/moving/questions";
import { LazyPictureJob } from "@/features/picture-export/lazy-job";
import type { PictureJobProps } from "@/features/picture-export/picture-job";
import { usePictureWords } from "@/features/picture-export/words";
import { saveText } from "@/lib/save-file";
import { focusMessage } from "../focus";
import { useDeleteOf } from "../message/use-delete";
import { useSpeaker } from "../use-speaker";
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
  const deleteOf = useDeleteOf();
  const { chosen } = useSelecting(({ selection }) => selection);
  const [drawing, setDrawing] = useState<Message[] | null>(null);
  const words = usePictureWords();
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

  const speaker = useSpeaker();
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
  const share = () => {
    useMoving.getState().ask({ kind: "share", thread, selected: picked.map(({ id }) => id) });
    leave();
  };
  const onPicture: PictureJobProps["onDone"] = (ended) => {
    setDrawing(null);
    toast(words[ended], { failed: ended !== "saved" });
    if (ended === "saved") leave();
  };
  const remove = () => {
    const [first] = picked;
    endSelecting();
    // what follows the first one hangs below it, the others among that
    if (first) deleteOf(first);
  };
  const none = count === 0 || drawing !== null;
  const gone = picked[0] ? withBelow(all, picked[0].id).size : 0;
  return (
    <div className="select-bar" role="toolbar" aria-label={t`Actions for the selected messages`}>
      <div className="column row">
        <span role="status" className="grow sm whitespace-nowrap">
          <Trans>{count} selected</Trans>
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
        <Does label={t`Share`} icon={<Link2 className="i-14" />} disabled={none} onClick={share} />
        <Does label={t`Export`} icon={<Download className="i-14" />} disabled={none} onClick={save} />
        <Does
          label={drawing ? t`Making the picture` : t`Save as a picture`}
          words={drawing ? undefined : t`Picture`}
          icon={<ImageDown className="i-14" />}
          disabled={none}
          onClick={() => setDrawing(picked)}
        />
        <Does
          label={none ? t`Delete from the first one on` : t`Delete ${gone} from the first one on`}
          words={none ? t`Delete` : t`Delete ${gone}`}
          short={none ? undefined : gone}
          icon={<Trash2 className="i-14" />}
          disabled={none || busy}
          onClick={remove}
        />
        <IconButton label={t`End selecting`} keys="Esc" side="top" onClick={leave}>
          <X />
        </IconButton>
      </div>
      {drawing ? (
        <LazyPictureJob title={thread.title || t`New chat`} messages={drawing} onDone={onPicture} />
      ) : null}
    </div>
  );
}

interface DoesProps {
  label: string;
  /** What of the label is shown, where that is not all. */
  words?: string;
  /** What stands beside the icon where there is no room for words. */
  short?: number;
  icon: ReactNode;
  disabled: boolean;
  onClick: () => void;
}

/** On a phone there is room for its icon and a number. */
function Does({ label, words = label, short, icon, ...button }: DoesProps) {
  return (
    <Button small variant="ghost" aria-label={label} {...button}>
      {icon}
      <span className="only-wide">{words}</span>
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
