import "./run.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { MessageSquareQuote, Square, X } from "lucide-react";
import { use, useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { quoteInDraft } from "@/features/chat/composer/drafts";
import { focusComposer } from "@/features/chat/focus";
import { ArtifactPlace } from "../artifacts/state";
import { CopyButton } from "../markdown/copy-button";
import { quoteOf, writtenOut } from "./output";
import type { Language } from "./protocol";
import { Status } from "./status";
import { type Result, useRun } from "./use-run";

interface RunPanelProps {
  language: Language;
  code: string;
  /** Counts how often it was asked for. */
  times: number;
  onClose: () => void;
}

/** What a code block prints and gives back, under it. */
export function RunPanel({ language, code, times, onClose }: RunPanelProps) {
  const { t } = useLingui();
  const { result, stop } = useRun(language, code, times);
  const place = use(ArtifactPlace);
  const panel = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time it is asked for, below a long block too
  useEffect(() => {
    panel.current?.scrollIntoView({ block: "nearest" });
  }, [times]);
  const busy = result.state === "loading" || result.state === "running";
  const all = writtenOut(result);
  const ask = () => {
    if (!place) return;
    quoteInDraft(place.threadId, quoteOf(all, t`Output of the code:`));
    focusComposer();
  };
  return (
    <div ref={panel} className="run" role="group" aria-label={t`Output`}>
      <div className="run-head">
        <Status result={result} language={language} />
        {busy ? (
          <Button ref={toRunOnLeaving} small onClick={stop}>
            <Square className="i-14" />
            <Trans>Stop</Trans>
          </Button>
        ) : null}
        {!busy && all && place ? (
          <Button variant="ghost" small onClick={ask}>
            <MessageSquareQuote className="i-14" />
            <Trans>Ask about it</Trans>
          </Button>
        ) : null}
        {!busy && all ? <CopyButton label={t`Copy output`} content={() => all} /> : null}
        <IconButton ref={toRunOnLeaving} label={t`Close output`} onClick={onClose}>
          <X className="i-14" />
        </IconButton>
      </div>
      <Output result={result} />
    </div>
  );
}

/** The focus of a button that goes away goes to *Run*. */
function toRunOnLeaving(button: HTMLButtonElement | null) {
  return () => {
    if (button && document.activeElement === button)
      button.closest(".code")?.querySelector<HTMLElement>("[data-run]")?.focus({ preventScroll: true });
  };
}

function Output({ result }: { result: Result }) {
  const { output, cut, value, error } = result;
  if (output.length === 0 && value === undefined && !error) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className="run-out scroll" tabIndex={0}>
      {output.map(({ stream, text }, index) => (
        <span key={index} className={stream === "err" ? "is-err" : undefined}>
          {text}
        </span>
      ))}
      {cut ? (
        <span className="run-note">
          <Trans>The rest is not shown: more than 200,000 characters were printed.</Trans>
          {"\n"}
        </span>
      ) : null}
      {error ? <span className="is-err">{error}</span> : null}
      {value === undefined ? null : (
        <span className="run-value">
          <span aria-hidden="true">→ </span>
          <span className="visually-hidden">
            <Trans>Value:</Trans>{" "}
          </span>
          {value}
        </span>
      )}
    </pre>
  );
}
