import { Trans, useLingui } from "@lingui/react/macro";
import { Brain, ChevronDown, ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { LazyMarkdown } from "@/features/markdown/lazy-markdown";
import { seconds as format } from "@/lib/format";
import { useSmoothText } from "../stream/use-smooth-text";

interface ReasoningProps {
  text: string;
  seconds: number | null | undefined;
  /** Still thinking. */
  live: boolean;
}

/** What the model thought aloud. Open while it thinks, then it folds itself. */
export function Reasoning({ text, seconds, live }: ReasoningProps) {
  const { i18n } = useLingui();
  const id = useId();
  const [choice, setChoice] = useState<boolean | null>(null);
  const open = choice ?? live;
  const time = seconds == null ? null : format(i18n, Math.max(1, Math.round(seconds)));
  return (
    <div className="reasoning">
      <button
        type="button"
        className="fold"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setChoice(!open)}
      >
        <Brain />
        {live ? (
          <Trans>Thinking</Trans>
        ) : time ? (
          <Trans>Thought for {time} s</Trans>
        ) : (
          <Trans>Thought about it</Trans>
        )}
        {live ? <span className="pulse" /> : null}
        {open ? <ChevronDown className="i-14" /> : <ChevronRight className="i-14" />}
      </button>
      <div id={id} hidden={!open}>
        {open ? <Thoughts text={text} live={live} /> : null}
      </div>
    </div>
  );
}

function Thoughts({ text, live }: { text: string; live: boolean }) {
  const smooth = useSmoothText(text, live);
  return (
    <div className="thoughts">
      <LazyMarkdown text={smooth.shown} live={smooth.live} />
    </div>
  );
}
