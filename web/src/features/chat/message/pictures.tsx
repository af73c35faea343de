import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { fileAddress } from "@/api/files";
import type { Part } from "@/api/types";
import { Dialog } from "@/components/ui/dialog";

type Picture = Extract<Part, { type: "image" }>;

/** The images of a message, small; a click shows one whole. */
export function Pictures({ parts, end }: { parts: Part[]; end?: boolean }) {
  const { t } = useLingui();
  const [open, setOpen] = useState<Picture | null>(null);
  const pictures = parts.filter((part) => part.type === "image");
  if (pictures.length === 0) return null;
  return (
    <div className={`pictures ${end ? "is-end" : ""}`}>
      {pictures.map((picture) => (
        <button
          key={picture.file_id}
          type="button"
          className="picture"
          aria-label={t`Show ${picture.name || t`image`}`}
          onClick={() => setOpen(picture)}
        >
          <img
            src={fileAddress(picture.file_id, "thumb")}
            alt={picture.name}
            width={picture.width ?? undefined}
            height={picture.height ?? undefined}
            loading="lazy"
          />
        </button>
      ))}
      {open ? (
        <Dialog open onOpenChange={() => setOpen(null)} title={open.name || t`Image`} wide>
          <a
            href={fileAddress(open.file_id)}
            target="_blank"
            rel="noopener noreferrer"
            title={t`Open in a new tab`}
          >
            <img className="whole-picture" src={fileAddress(open.file_id)} alt={open.name} />
          </a>
        </Dialog>
      ) : null}
    </div>
  );
}
