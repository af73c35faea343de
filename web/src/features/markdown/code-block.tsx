import { useLingui } from "@lingui/react/macro";
import { Download, WrapText } from "lucide-react";
import { memo, Suspense, use, useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { kindOf } from "@/features/artifacts/kinds";
import { PreviewButton } from "@/features/artifacts/preview-button";
import { ArtifactPlace } from "@/features/artifacts/state";
import { useIsSelecting } from "@/features/chat/select/state";
import { RunPanel } from "@/features/run/lazy-panel";
import { RunButton } from "@/features/run/run-button";
import { runnable } from "@/features/run/runnable";
import { saveText } from "@/lib/save-file";
import { CopyButton } from "./copy-button";
import { LineHighlighter } from "./highlight";
import type { Piece } from "./highlight-protocol";
import { fileName } from "./languages";

interface CodeBlockProps {
  code: string;
  /** All that stands behind the fence, e.g. `python heat_loss.py`. */
  info: string;
  lang: string;
  live: boolean;
}

/** Code with its language, wrap, download and copy; within a chat it can be run where there is something to run it. */
export function CodeBlock({ code, info, lang, live }: CodeBlockProps) {
  const { t } = useLingui();
  const [wrap, setWrap] = useState(false);
  const lines = code.split("\n");
  const coloured = useColours(lines, lang, live);
  const name = fileName(info, lang);
  const place = use(ArtifactPlace);
  const selecting = useIsSelecting(place?.threadId);
  const language = place && !live ? runnable(lang) : undefined;
  /** How often it was run; 0 where no output is shown. */
  const [times, setTimes] = useState(0);
  return (
    <div className="code" data-lang={lang}>
      <div className="code-head" inert={selecting}>
        <span>{name.startsWith("code.") ? lang || t`Text` : name}</span>
        <span className="grow" />
        {language ? <RunButton onRun={() => setTimes(times + 1)} /> : null}
        {kindOf(lang, code) ? <PreviewButton /> : null}
        <IconButton
          label={t`Wrap lines`}
          aria-pressed={wrap}
          className={wrap ? "is-on" : ""}
          onClick={() => setWrap(!wrap)}
        >
          <WrapText className="i-14" />
        </IconButton>
        <IconButton label={t`Download`} onClick={() => saveText(name, code)}>
          <Download className="i-14" />
        </IconButton>
        <CopyButton label={t`Copy code`} content={() => code} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} className={wrap ? "is-wrapped" : ""}>
        <code>
          {lines.map((line, index) => (
            <Line key={index} text={line} pieces={coloured[index]} last={index === lines.length - 1} />
          ))}
        </code>
      </pre>
      {language && times > 0 ? (
        <Suspense fallback={null}>
          <RunPanel language={language} code={code} times={times} onClose={() => setTimes(0)} />
        </Suspense>
      ) : null}
    </div>
  );
}

/** While the block grows its last line is left plain: it is not finished. */
function useColours(lines: string[], lang: string, live: boolean): Piece[][] {
  const [, redraw] = useState(0);
  const highlighter = useRef<LineHighlighter | null>(null);
  useEffect(() => {
    const own = new LineHighlighter(lang, () => redraw((count) => count + 1));
    highlighter.current = own;
    return () => own.dispose();
  }, [lang]);
  useEffect(() => {
    highlighter.current?.want(live ? lines.slice(0, -1) : lines);
  });
  return highlighter.current?.lines ?? [];
}

interface LineProps {
  text: string;
  pieces: Piece[] | undefined;
  last: boolean;
}

/** A block of its own, so that a line that is added does not lay out all lines again. */
const Line = memo(function Line({ text, pieces, last }: LineProps) {
  return (
    <span className="line">
      {(pieces ?? [{ text, kind: "" }]).map(({ text: part, kind }, index) =>
        kind ? (
          <span key={index} className={kind}>
            {part}
          </span>
        ) : (
          part
        ),
      )}
      {last ? "" : "\n"}
    </span>
  );
});
