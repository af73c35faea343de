import { Trans, useLingui } from "@lingui/react/macro";
import { FileUp } from "lucide-react";
import { type DragEvent, useId, useRef, useState } from "react";
import { sendImport } from "@/api/imports";
import { useReport } from "@/features/errors/report";

/** Where an export is dropped or chosen. */
export function ImportDrop() {
  const { t } = useLingui();
  const report = useReport();
  const hint = useId();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = async (files: File[]) => {
    for (const file of files) await sendImport(file).catch(report);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(Array.from(event.dataTransfer.files));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the way of the mouse alone, the button is for everybody
    <div
      className={`moving-drop ${over ? "is-over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp />
      <button
        type="button"
        className="btn btn-outline"
        aria-describedby={hint}
        onClick={() => input.current?.click()}
      >
        <Trans>Choose an export</Trans>
      </button>
      <p className="quiet" id={hint}>
        <Trans>
          Or drop it here: the zip or JSON file that ChatGPT, Claude, LobeChat, Open WebUI, LibreChat or
          Freehold gave you, as it is.
        </Trans>
      </p>
      <input
        ref={input}
        type="file"
        multiple
        accept=".zip,.json,application/zip,application/json"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={t`Export to import`}
        onChange={(event) => {
          void take(Array.from(event.target.files ?? []));
          event.target.value = ""; // the same file may be chosen again
        }}
      />
    </div>
  );
}
