import { useLingui } from "@lingui/react/macro";
import { FileText } from "lucide-react";
import { useState } from "react";
import type { Part } from "@/api/types";
import { fileSize } from "@/lib/format";
import { FilePreview } from "./lazy-preview";

type Attached = Extract<Part, { type: "file" }>;

/** The text files of a message; a press shows what is in one. */
export function AttachedFiles({ parts }: { parts: Part[] }) {
  const { t, i18n } = useLingui();
  const [open, setOpen] = useState<Attached | null>(null);
  const files = parts.filter((part) => part.type === "file");
  if (files.length === 0) return null;
  return (
    <ul className="tiles is-sent" aria-label={t`Attached files`}>
      {files.map((file) => {
        const name = file.name || t`Text file`;
        return (
          <li key={file.file_id}>
            <button type="button" className="tile" aria-label={t`Show ${name}`} onClick={() => setOpen(file)}>
              <span className="tile-kind">
                <FileText className="i-18" />
              </span>
              <span className="clip" title={name}>
                {name}
                <br />
                <span className="hint">{fileSize(i18n, file.size_bytes ?? 0)}</span>
              </span>
            </button>
          </li>
        );
      })}
      {open ? (
        <FilePreview id={open.file_id} name={open.name || t`Text file`} onClose={() => setOpen(null)} />
      ) : null}
    </ul>
  );
}
