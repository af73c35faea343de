import { Trans, useLingui } from "@lingui/react/macro";
import { FileText, X } from "lucide-react";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import { IconButton } from "@/components/ui/icon-button";
import { fileSize } from "@/lib/format";
import { FilePreview } from "../message/lazy-preview";
import { type Attachment, EmptyFile } from "./attachments";

/** What fits into the field as words, in bytes. */
const INSERTED = 400_000;

interface TilesProps {
  items: Attachment[];
  onRemove: (key: string) => void;
  /** Puts the words of a text into the field instead. */
  onInsert: (item: Attachment) => void;
}

/** The files that go with the message. */
export function Tiles({ items, onRemove, onInsert }: TilesProps) {
  const { t } = useLingui();
  if (items.length === 0) return null;
  return (
    <ul className="tiles" aria-label={t`Attached files`}>
      {items.map((item) => (
        <Tile
          key={item.key}
          item={item}
          onRemove={() => onRemove(item.key)}
          onInsert={() => onInsert(item)}
        />
      ))}
    </ul>
  );
}

interface TileProps {
  item: Attachment;
  onRemove: () => void;
  onInsert: () => void;
}

function Tile({ item, onRemove, onInsert }: TileProps) {
  const { t, i18n } = useLingui();
  const text = item.kind === "text";
  const whole = item.state === "ready" || (item.state === "failed" && item.pasted);
  const insertable = text && whole && (item.size ?? 0) <= INSERTED;
  const name = item.name || (text ? t`Text file` : t`Image`);
  return (
    <li className={`tile ${text ? "is-text" : ""} ${item.state === "failed" ? "is-failed" : ""}`}>
      {text ? (
        <span className="tile-kind">
          <FileText className="i-18" />
        </span>
      ) : (
        <img className="tile-kind object-cover" src={item.preview} alt="" />
      )}
      <span className="clip" title={name}>
        {text && item.fileId ? <TileName id={item.fileId} name={name} /> : name}
        <br />
        <span className="hint">
          <span aria-live="polite">
            {item.state === "uploading" ? <Trans>Uploading</Trans> : null}
            {item.state === "failed" ? <Why error={item.error} /> : null}
            {item.state === "ready" && item.size ? fileSize(i18n, item.size) : null}
          </span>
          {insertable ? (
            <>
              {" · "}
              <button type="button" className="tile-link" onClick={onInsert}>
                <Trans>Insert as text instead</Trans>
              </button>
            </>
          ) : null}
        </span>
      </span>
      <IconButton label={t`Remove ${name}`} onClick={onRemove}>
        <X className="i-14" />
      </IconButton>
    </li>
  );
}

/** Why it was not taken, in a word or two. */
function Why({ error }: { error: unknown }) {
  const code = error instanceof ApiError ? error.code : undefined;
  if (error instanceof EmptyFile) return <Trans>Empty file</Trans>;
  if (code === "unsupported_media") return <Trans>Cannot be read</Trans>;
  if (code === "payload_too_large") return <Trans>Too large</Trans>;
  return <Trans>Not uploaded</Trans>;
}

/** A press shows what is in it. */
function TileName({ id, name }: { id: string; name: string }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" aria-label={t`Show ${name}`} onClick={() => setOpen(true)}>
        {name}
      </button>
      {open ? <FilePreview id={id} name={name} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
