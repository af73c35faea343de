import { Trans, useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { IconButton } from "@/components/ui/icon-button";
import { fileSize } from "@/lib/format";
import type { Attachment } from "./attachments";

/** The images that go with the message. */
export function Tiles({ items, onRemove }: { items: Attachment[]; onRemove: (key: string) => void }) {
  const { t } = useLingui();
  if (items.length === 0) return null;
  return (
    <ul className="tiles" aria-label={t`Attached images`}>
      {items.map((item) => (
        <Tile key={item.key} item={item} onRemove={() => onRemove(item.key)} />
      ))}
    </ul>
  );
}

function Tile({ item, onRemove }: { item: Attachment; onRemove: () => void }) {
  const { t, i18n } = useLingui();
  const name = item.name || t`Image`;
  return (
    <li className={`tile ${item.state === "failed" ? "is-failed" : ""}`}>
      <img className="tile-kind object-cover" src={item.preview} alt="" />
      <span className="clip" title={name}>
        {name}
        <br />
        <span className="hint" aria-live="polite">
          {item.state === "uploading" ? <Trans>Uploading</Trans> : null}
          {item.state === "failed" ? <Trans>Not uploaded</Trans> : null}
          {item.state === "ready" && item.size !== null ? fileSize(i18n, item.size) : null}
        </span>
      </span>
      <IconButton label={t`Remove ${name}`} onClick={onRemove}>
        <X className="i-14" />
      </IconButton>
    </li>
  );
}
