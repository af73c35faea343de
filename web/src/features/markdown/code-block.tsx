import { useLingui } from "@lingui/react/macro";
import { Download, WrapText } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/icon-button";
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

/** Code with its language, wrap, download and copy. */
export function CodeBlock({ code, info, lang, live }: CodeBlockProps) {
  const { t } = useLingui();
  const [wrap, setWrap] = useState(false);
  const lines = code.split("\n");
  const coloured = useColours(lines, lang, live);
  const name = fileName(info, lang);
  return (
    <div className="code">
      <div className="code-head">
        <span>{name.startsWith("code.") ? lang || t`Text` : name}</span>
        <span className="grow" />
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
