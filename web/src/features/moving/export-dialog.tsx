import "@/styles/moving.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Braces, FileText, Globe, Printer } from "lucide-react";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { type ExportFormat, exportAddress } from "@/api/moving";
import type { Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/switch";
import { activeLocale } from "@/i18n";
import { saveAddress } from "@/lib/save-file";
import { printPage } from "./print";

type Form = ExportFormat | "print";

/** Takes one chat out of Freehold, as a file or on paper. */
export function ExportDialog({ thread, onClose }: { thread: Thread; onClose: () => void }) {
  const { t } = useLingui();
  const id = useId();
  const [form, setForm] = useState<Form>("markdown");
  const [tree, setTree] = useState(false);
  const options = { tree, language: activeLocale() };
  const save = (event: FormEvent) => {
    event.preventDefault();
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
          <Button variant="primary" type="submit" form={id}>
            {form === "print" ? <Trans>Print</Trans> : <Trans>Download</Trans>}
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
                onChange={() => setForm(value)}
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
            checked={tree || form === "json"}
            onChange={setTree}
            disabled={form === "json"}
          />
        </div>
      </form>
    </Dialog>
  );
}
