import { Trans, useLingui } from "@lingui/react/macro";
import { Download, ImageOff, Paintbrush } from "lucide-react";
import { type CSSProperties, useState } from "react";
import { fileAddress } from "@/api/files";
import type { Part } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { attachToDraft } from "../composer/drafts";

type Picture = Extract<Part, { type: "image" }>;

/** Its place is kept until it is there, so that nothing below it moves. */
function room({ width, height }: Picture): CSSProperties | undefined {
  if (!width || !height) return undefined;
  const ratio = width / height;
  return { aspectRatio: ratio, width: `min(${width}px, 20rem, 60vw, ${15 * ratio}rem)` };
}

interface PicturesProps {
  parts: Part[];
  end?: boolean;
  /** Where one can go on with a picture that was made. */
  threadId?: string;
}

/** The images of a message, small; a click shows one whole. */
export function Pictures({ parts, end, threadId }: PicturesProps) {
  const { t } = useLingui();
  const [open, setOpen] = useState<Picture | null>(null);
  const pictures = parts.filter((part) => part.type === "image");
  if (pictures.length === 0) return null;
  const edit = (picture: Picture) => {
    attachToDraft(threadId ?? "", picture);
    setOpen(null);
    document.querySelector<HTMLTextAreaElement>(".composer-text")?.focus();
  };
  const footer = open ? (
    <>
      <a className="btn btn-outline btn-sm" href={fileAddress(open.file_id)} download={open.name || "image"}>
        <Download className="i-14" />
        <Trans>Download</Trans>
      </a>
      {threadId ? (
        <Button small variant="primary" onClick={() => edit(open)}>
          <Paintbrush className="i-14" />
          <Trans>Change this picture</Trans>
        </Button>
      ) : null}
    </>
  ) : undefined;
  return (
    <div className={`pictures ${end ? "is-end" : ""}`}>
      {pictures.map((picture) => (
        <Thumb key={picture.file_id} picture={picture} onOpen={() => setOpen(picture)} />
      ))}
      {open ? (
        <Dialog open onOpenChange={() => setOpen(null)} title={open.name || t`Image`} wide footer={footer}>
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

function Thumb({ picture, onOpen }: { picture: Picture; onOpen: () => void }) {
  const { t } = useLingui();
  const [lost, setLost] = useState(false);
  if (lost)
    return (
      <p className="hint sm row">
        <ImageOff className="i-14" />
        <Trans>This picture is not there any more.</Trans>
      </p>
    );
  return (
    <button
      type="button"
      className="picture"
      aria-label={t`Show ${picture.name || t`image`}`}
      onClick={onOpen}
    >
      <img
        src={fileAddress(picture.file_id, "thumb")}
        alt={picture.name}
        width={picture.width ?? undefined}
        height={picture.height ?? undefined}
        style={room(picture)}
        loading="lazy"
        onError={() => setLost(true)}
      />
    </button>
  );
}
