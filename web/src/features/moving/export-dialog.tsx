import "@/styles/moving.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Braces, FileText, Globe, Image, Printer } from "lucide-react";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { type ExportFormat, exportAddress } from "@/api/moving";
import { useThread } from "@/api/threads";
import type { Message, Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";
import { pathTo } from "@/features/chat/tree";
import { LazyPictureJob } from "@/features/picture-export/lazy-job";
import type { PictureJobProps } from "@/features/picture-export/picture-job";
import { usePictureWords } from "@/features/picture-export/words";
import { activeLocale } from "@/i18n";
import { saveAddress } from "@/lib/save-file";
import { printPage } from "./print";

type Form = ExportFormat | "print" | "picture";

/** Takes one chat out of Freehold, as a file or on paper. */
export function ExportDialog({ thread, onClose }: { thread: Thread; onClose: () => void }) {
  const { t } = useLingui();
  const id = useId();
  const [form, setForm] = useState<Form>("markdown");
  const [tree, setTree] = useState(false);
  const detail = useThread(thread.id).data;
  const words = usePictureWords();
  const [drawing, setDrawing] = useState<Message[] | null>(null);
  const [refusal, setRefusal] = useState("");
  const onPicture: PictureJobProps["onDone"] = (ended) => {
    setDrawing(null);
    if (ended !== "saved") return setRefusal(words[ended]);
    toast(words.saved);
    onClose();
  };
  const options = { tree, language: activeLocale() };
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (form === "picture") {
      setRefusal("");
      if (detail) setDrawing(pathTo(detail.messages, detail.thread.leaf_id ?? null, detail.thread.choices));
      return;
    }
    if (form === "print") printPage(exportAddress(thread.id, "html", { ...options, inline: true }));
    else saveAddress(exportAddress(thread.id, form, options));
    onClose();
  };
  const choices: { value: Form; icon: ReactNode; name: ReactNode; hint: ReactNode }[] = [
    {
      value: "markdown",
      icon: <FileText />,
      name: "Markdown",
      hint: <Trans>For notes, wikis and other editors.</Trans>,
    },
    {
      value: "html",
      icon: <Globe />,
      name: <Trans>Web page</Trans>,
      hint: <Trans>One file with its images. Any browser opens it, also without a network.</Trans>,
    },
    {
      value: "json",
      icon: <Braces />,
      name: "JSON",
      hint: <Trans>Complete, with every branch. Freehold can import it again.</Trans>,
    },
    {
      value: "picture",
      icon: <Image />,
      name: <Trans>Picture</Trans>,
      hint: <Trans>A PNG of what is shown, made in this browser. For chats that are not too long.</Trans>,
    },
    {
      value: "print",
      icon: <Printer />,
      name: <Trans>Print or PDF</Trans>,
      hint: <Trans>Opens the browser’s print window, which can also save as PDF.</Trans>,
    },
  ];
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={<Trans>Export chat</Trans>}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            variant="primary"
            type="submit"
            form={id}
            disabled={form === "picture" && (drawing !== null || !detail?.messages.length)}
          >
            {drawing ? <Trans>Making the picture</Trans> : null}
            {form === "print" ? <Trans>Print</Trans> : drawing ? null : <Trans>Download</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={save} className="moving-form">
        <fieldset className="moving-choices">
          <legend className="visually-hidden">{t`Format`}</legend>
          {choices.map(({ value, icon, name, hint }) => (
            <label key={value} className="moving-choice" data-active={form === value || undefined}>
              <input
                type="radio"
                className="visually-hidden"
                aria-labelledby={`${id}-${value}-name`}
                aria-describedby={`${id}-${value}`}
                name={`${id}-form`}
                value={value}
                checked={form === value}
                onChange={() => {
                  setForm(value);
                  setRefusal("");
                }}
              />
              {icon}
              <span>
                <b id={`${id}-${value}-name`}>{name}</b>
                <span id={`${id}-${value}`} className="quiet">
                  {hint}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        <div className="moving-switch">
          <span>
            <Trans>All branches</Trans>
            <span className="quiet">
              <Trans>Also the versions that are not shown.</Trans>
            </span>
          </span>
          <Switch
            label={t`All branches`}
            checked={form !== "picture" && (tree || form === "json")}
            onChange={setTree}
            disabled={form === "json" || form === "picture"}
          />
        </div>
        {refusal ? (
          <p className="field-error" role="alert">
            {refusal}
          </p>
        ) : null}
        {drawing ? (
          <LazyPictureJob title={thread.title || t`New chat`} messages={drawing} onDone={onPicture} />
        ) : null}
      </form>
    </Dialog>
  );
}
