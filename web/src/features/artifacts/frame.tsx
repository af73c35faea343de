import { useEffect, useRef } from "react";
import { Stage } from "./stage";
import { closeArtifact } from "./state";

/** A document in the sandbox. */
export function ArtifactFrame({ html, title }: { html: string; title: string }) {
  const box = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage>(null);
  useEffect(() => {
    if (!box.current) return;
    const own = new Stage(box.current, closeArtifact);
    stage.current = own;
    return () => own.close();
  }, []);
  useEffect(() => stage.current?.show(html, title), [html, title]);
  return <div ref={box} className="artifact-sheet" />;
}
