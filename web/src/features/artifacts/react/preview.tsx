import { useEffect, useState } from "react";
import { useThemeName } from "@/lib/theme";
import { ArtifactFrame } from "../frame";
import { documentOf } from "./document";
import { type Trouble, troubleOf } from "./trouble";
import { TroubleNote } from "./trouble-note";

interface ComponentPreviewProps {
  code: string;
  title: string;
  threadId: string;
}

/** A React component, live in the sandbox; what goes wrong stands above it. */
export function ComponentPreview({ code, title, threadId }: ComponentPreviewProps) {
  const theme = useThemeName();
  const [html, setHtml] = useState<string | null>(null);
  /** Why this code is not shown at all, and what went wrong with the one that is. */
  const [refused, setRefused] = useState<Trouble | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  useEffect(() => {
    let current = true;
    documentOf(code, theme).then((made) => {
      if (!current) return;
      setRefused(typeof made === "string" ? null : made);
      // while the code is changed, what worked stays to be seen
      if (typeof made === "string") setHtml(made);
    });
    return () => {
      current = false;
    };
  }, [code, theme]);
  // the first one is the cause of those that follow
  const hear = (said: unknown) => {
    const heard = troubleOf(said);
    setTrouble((before) => before ?? heard);
  };
  const said = refused ?? trouble;
  return (
    <>
      {said ? <TroubleNote trouble={said} threadId={threadId} /> : null}
      {html === null ? (
        <div className="artifact-sheet" />
      ) : (
        <ArtifactFrame html={html} title={title} begin={() => setTrouble(null)} trouble={hear} />
      )}
    </>
  );
}
