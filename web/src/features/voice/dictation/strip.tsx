import "@/styles/voice.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { AudioLines, Check, LoaderCircle, X } from "lucide-react";
import { useEffect, useState } from "react";
import type { SpokenIn } from "@/api/voice";
import { Button } from "@/components/ui/button";
import { Level } from "../level";
import { talkIn } from "../talk/state";
import { Why } from "../why";
import { useDictation } from "./use-dictation";

interface StripProps {
  where: SpokenIn;
  onText: (text: string) => void;
  onClose: () => void;
}

/** What listens, over the composer's buttons: how loud it is, how long it lasts, and the two ways out. */
export function DictationStrip({ where, onText, onClose }: StripProps) {
  const { t } = useLingui();
  const [silent, setSilent] = useState(false);
  const { dictation, words, level, finish, again } = useDictation({
    where,
    onText: (text) => {
      if (text.trim()) onText(text.trim());
      else setSilent(true);
    },
  });
  const failed = dictation.state === "failed" || silent;
  return (
    <div
      className="dictation"
      role="group"
      aria-label={t`Dictation`}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      {failed ? (
        <p className="dictation-words warn" role="alert">
          {silent ? (
            <Trans>
              Nothing was heard. Go closer to the microphone, or choose another one in the system.
            </Trans>
          ) : dictation.state === "failed" ? (
            <Why error={dictation.error} inHouse={where.inHouse} />
          ) : null}
        </p>
      ) : dictation.state === "listening" ? (
        <>
          <Level level={level} />
          <Clock since={dictation.since} limitMs={dictation.limitMs} />
          <p className="dictation-words clip" dir="auto">
            {words || <Trans>Listening</Trans>}
          </p>
        </>
      ) : (
        <p className="dictation-words row" role="status">
          <LoaderCircle className="i-14 spin" />
          {dictation.state === "writing" ? (
            <Trans>Writing it down</Trans>
          ) : (
            <Trans>Opening the microphone</Trans>
          )}
        </p>
      )}
      {dictation.state === "listening" && dictation.by === "server" ? (
        <Button
          small
          variant="ghost"
          onClick={() => {
            onClose();
            talkIn(where.threadId ?? "new");
          }}
        >
          <AudioLines />
          <span className="only-wide">
            <Trans>Hands-free</Trans>
          </span>
          <span className="visually-hidden only-phone">
            <Trans>Hands-free</Trans>
          </span>
        </Button>
      ) : null}
      <Button small variant="ghost" onClick={onClose}>
        <X />
        {failed ? <Trans>Close</Trans> : <Trans>Cancel</Trans>}
      </Button>
      {failed ? (
        <Button
          small
          autoFocus
          onClick={() => {
            setSilent(false);
            again();
          }}
        >
          <Trans>Try again</Trans>
        </Button>
      ) : (
        <Button small autoFocus aria-disabled={dictation.state !== "listening"} onClick={finish}>
          <Check />
          <Trans>Done</Trans>
        </Button>
      )}
    </div>
  );
}

const minutes = (ms: number) => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/** How long it lasts; towards the end, how long it may. */
function Clock({ since, limitMs }: { since: number; limitMs: number }) {
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, []);
  const past = now - since;
  return (
    <span className="hint sm tabular-nums">
      {past > limitMs * 0.8 ? `${minutes(past)} / ${minutes(limitMs)}` : minutes(past)}
    </span>
  );
}
