import { useEffect, useRef } from "react";
import { type Hears, Stage } from "./stage";
import { closeArtifact } from "./state";

interface FrameProps extends Omit<Hears, "escape"> {
  html: string;
  title: string;
}

/** A document in the sandbox. */
export function ArtifactFrame({ html, title, ...hears }: FrameProps) {
  const box = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage>(null);
  const latest = useRef(hears);
  latest.current = hears;
  useEffect(() => {
    if (!box.current) return;
    const own = new Stage(box.current, {
      escape: closeArtifact,
      begin: () => latest.current.begin?.(),
      trouble: (said) => latest.current.trouble?.(said),
    });
    stage.current = own;
    return () => own.close();
  }, []);
  useEffect(() => stage.current?.show(html, title), [html, title]);
  return <div ref={box} className="artifact-sheet" />;
}
