import "@/styles/voice.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { PhoneOff } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { SpokenIn } from "@/api/voice";
import { Button } from "@/components/ui/button";
import { Level } from "../level";
import { Why } from "../why";
import { type Phase, Talk } from "./talk";

interface TalkStripProps {
  where: SpokenIn;
  /** What was said before is being answered. */
  answering: boolean;
  onSaid: (text: string) => void;
  /** The person speaks while an answer is read or awaited. */
  onInterrupt: () => void;
  onClose: () => void;
}

/** A conversation without hands, over the composer's buttons. */
export function TalkStrip({ where, answering, onSaid, onInterrupt, onClose }: TalkStripProps) {
  const { t } = useLingui();
  const [phase, setPhase] = useState<Phase>("opening");
  const [failure, setFailure] = useState<unknown>(null);
  const talk = useRef<Talk>(null);
  const said = useEffectEvent((text: string) => onSaid(text));
  const turned = useEffectEvent((next: Phase) => {
    if (next === "hearing" && (phase === "waiting" || phase === "speaking")) onInterrupt();
    setPhase(next);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: one conversation, from when it is shown until it is gone
  useEffect(() => {
    const begun = new Talk({
      where,
      onPhase: (next) => turned(next),
      onSaid: (text) => said(text),
      onFailure: setFailure,
    });
    talk.current = begun;
    void begun.start(answering);
    return () => begun.stop();
  }, []);

  const words: Record<Phase, string> = {
    opening: t`Opening the microphone`,
    listening: t`Listening; just speak`,
    hearing: t`You speak`,
    writing: t`Writing it down`,
    waiting: t`The answer is on its way`,
    speaking: t`Reading the answer; speak to interrupt`,
  };
  return (
    <div
      className="dictation"
      role="group"
      aria-label={t`Hands-free conversation`}
      data-phase={phase}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      {failure === null ? (
        <>
          <Level level={() => talk.current?.level() ?? 0} />
          <p className="dictation-words" role="status">
            {words[phase]}
          </p>
        </>
      ) : (
        <p className="dictation-words warn" role="alert">
          <Why error={failure} inHouse={where.inHouse} />
        </p>
      )}
      <Button small autoFocus onClick={onClose}>
        <PhoneOff />
        <Trans>End</Trans>
      </Button>
    </div>
  );
}
