import "./sheet.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { FileText } from "lucide-react";
import { useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { fileAddress } from "@/api/files";
import type { Message } from "@/api/types";
import { useSpeaker } from "@/features/chat/use-speaker";
import { LazyMarkdown } from "@/features/markdown/lazy-markdown";
import { saveBlob } from "@/lib/save-file";
import { pictureOf, settled, TooLong } from "./draw";

/** More are not even laid out. */
const MOST = 200;

export interface PictureJobProps {
  title: string;
  messages: Message[];
  /** It is saved, or why not. */
  onDone: (ended: "saved" | "too_long" | "failed") => void;
}

/** Lays messages out beside what one sees, makes a picture of them in this browser, and saves it. */
export function PictureJob({ title, messages, onDone }: PictureJobProps) {
  const sheet = useRef<HTMLDivElement>(null);
  const told = useRef(onDone);
  const many = messages.length > MOST;
  useEffect(() => {
    const abort = new AbortController();
    const draw = async () => {
      const element = sheet.current;
      if (!element) throw new TooLong();
      await settled(element, abort.signal);
      if (abort.signal.aborted) return;
      const blob = await pictureOf(element);
      if (abort.signal.aborted) return;
      saveBlob(`${title.replace(/[\\/:*?"<>|\n]+/g, " ").trim()}.png`, blob);
      told.current("saved");
    };
    draw().catch((error) => {
      if (!abort.signal.aborted) told.current(error instanceof TooLong ? "too_long" : "failed");
    });
    return () => abort.abort();
  }, [title]);
  if (many) return null;
  return createPortal(
    <div className="picture-place" inert aria-hidden="true">
      <div ref={sheet} className="picture-sheet">
        <h1 className="serif">{title}</h1>
        {messages.map((message) => (
          <Said key={message.id} message={message} />
        ))}
        <p className="picture-foot">Freehold</p>
      </div>
    </div>,
    document.body,
  );
}

function Said({ message }: { message: Message }) {
  const { t } = useLingui();
  const speaker = useSpeaker();
  const own = message.role === "user";
  return (
    <section className={own ? "is-own" : undefined}>
      <p className="picture-who">{speaker(message)}</p>
      {message.parts.map((part, index) => {
        if (part.type === "text")
          return own ? (
            <div key={index} className="picture-own">
              {part.text}
            </div>
          ) : (
            <LazyMarkdown key={index} text={part.text} />
          );
        if (part.type === "image")
          return <img key={index} className="picture-image" src={fileAddress(part.file_id)} alt="" />;
        if (part.type === "file")
          return (
            <p key={index} className="picture-file">
              <FileText className="i-14" />
              {part.name || t`Text file`}
            </p>
          );
        return null;
      })}
      {message.status === "streaming" ? (
        <p className="picture-who">
          <Trans>This answer is still being written.</Trans>
        </p>
      ) : null}
    </section>
  );
}
