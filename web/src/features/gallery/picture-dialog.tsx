import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, Cloud, Download, House, MessageSquare, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { fileAddress } from "@/api/files";
import type { GalleryPicture } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { CopyButton } from "@/features/markdown/copy-button";
import { fileSize } from "@/lib/format";
import { captionOf } from "./gallery-page";

interface PictureDialogProps {
  picture: GalleryPicture;
  onClose: () => void;
  onDelete: () => void;
  onBefore?: () => void;
  onNext?: () => void;
}

/** One picture, whole, with what is known of it; the arrow keys lead to its neighbours. */
export function PictureDialog({ picture, onClose, onDelete, onBefore, onNext }: PictureDialogProps) {
  const { t } = useLingui();
  const { file } = picture;
  const caption = captionOf(picture);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const go = { ArrowLeft: onBefore, ArrowRight: onNext }[event.key];
      if (!go || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (document.querySelector("[role=alertdialog]")) return;
      event.preventDefault();
      go();
    };
    // before the dialog, which lets arrow keys go no further
    document.addEventListener("keydown", onKeyDown, true);
    return () => document.removeEventListener("keydown", onKeyDown, true);
  }, [onBefore, onNext]);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={<span className={`gallery-title ${saidByTitle(picture) ? "" : "clip"}`}>{caption}</span>}
      wide
      footer={
        <>
          <Button small variant="ghost" onClick={onDelete}>
            <Trash2 className="i-14" />
            <Trans>Delete</Trans>
          </Button>
          <Button small variant="ghost" onClick={onClose}>
            <Trans>Close</Trans>
          </Button>
          <span className="grow" />
          <a className="btn btn-outline btn-sm" href={fileAddress(file.id)} download={file.name || "image"}>
            <Download className="i-14" />
            <Trans>Download</Trans>
          </a>
          <Link
            className="btn btn-primary btn-sm"
            to="/c/$threadId"
            params={{ threadId: picture.thread_id }}
            search={{ message: picture.message_id }}
          >
            <MessageSquare className="i-14" />
            <Trans>Show in the chat</Trans>
          </Link>
        </>
      }
    >
      <div className="gallery-one">
        <div className="gallery-stage">
          <IconButton label={t`Newer picture`} aria-disabled={!onBefore} onClick={onBefore}>
            <ChevronLeft />
          </IconButton>
          <Whole key={file.id} picture={picture} />
          <IconButton label={t`Older picture`} aria-disabled={!onNext} onClick={onNext}>
            <ChevronRight />
          </IconButton>
        </div>
        <About picture={picture} />
      </div>
    </Dialog>
  );
}

/** A title that is not too long may be all that was asked: it is not said a second time. */
const LONGEST_TITLE = 160;
function saidByTitle(picture: GalleryPicture): boolean {
  return picture.prompt.trim() === captionOf(picture) && picture.prompt.length <= LONGEST_TITLE;
}

function Whole({ picture: { file, prompt } }: { picture: GalleryPicture }) {
  const [lost, setLost] = useState(false);
  if (lost)
    return (
      <p className="quiet grow">
        <Trans>This picture cannot be shown. Its file may be gone from the server's disk.</Trans>
      </p>
    );
  return (
    <img
      className="whole-picture"
      src={fileAddress(file.id)}
      alt={prompt || file.name}
      width={file.width ?? undefined}
      height={file.height ?? undefined}
      onError={() => setLost(true)}
    />
  );
}

function About({ picture }: { picture: GalleryPicture }) {
  const { t, i18n } = useLingui();
  const { file, prompt } = picture;
  const when = i18n.date(picture.at, { dateStyle: "long", timeStyle: "short" });
  return (
    <>
      {prompt ? (
        <div className="gallery-prompt">
          {saidByTitle(picture) ? null : <p>{prompt}</p>}
          <CopyButton label={t`Copy these words`} content={() => prompt} />
        </div>
      ) : null}
      <p className="gallery-facts">
        {picture.model_id ? (
          <span className="row">
            <span className={picture.self_hosted ? "in" : "out"}>
              {picture.self_hosted ? <House className="i-14" /> : <Cloud className="i-14" />}
            </span>
            <span title={picture.model ?? undefined}>{picture.model_id}</span>
            <span className={picture.self_hosted ? "in" : "out"}>
              {picture.self_hosted ? t`in-house` : picture.provider_name}
            </span>
          </span>
        ) : (
          <span>{picture.origin === "drawn" ? <Trans>Drawn</Trans> : <Trans>Attached</Trans>}</span>
        )}
        <span>{when}</span>
        {file.width && file.height ? (
          <span>
            {file.width} × {file.height}
          </span>
        ) : null}
        <span>{fileSize(i18n, file.size_bytes)}</span>
        {picture.thread_title === captionOf(picture) ? null : (
          <span className="clip">{picture.thread_title}</span>
        )}
      </p>
    </>
  );
}
