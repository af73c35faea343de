import { useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import type { Stage } from "@/api/types";
import { useShell } from "@/app/state";

interface StageLineProps {
  stage: Stage;
  /** 0 to 1. */
  progress: number | null;
  /** In a queue; 1 is the next. */
  position?: number | null;
  /** Whom it was asked, once that is known. */
  model?: string;
}

/** One line of words with one dot: what happens before the first word. */
export function StageLine({ stage, progress, position, model }: StageLineProps) {
  const { t } = useLingui();
  const online = useShell((state) => state.online);
  const queueNotice = () => {
    if (!model) return t`Waiting for a free place at the model`;
    return position
      ? t`Waiting for a free place at ${model}: number ${position}`
      : t`Waiting for a free place at ${model}`;
  };
  const names: Record<Stage, string> = {
    choosing_model: !online ? t`Waiting for the server` : model ? t`Asking ${model}` : t`Asking the model`,
    folding: t`Folding earlier messages into a summary`,
    queued: queueNotice(),
    loading_model: t`Loading the model`,
    reading_prompt: t`Reading`,
    thinking: t`Thinking`,
    drawing: model ? t`${model} is drawing` : t`Drawing the picture`,
    writing: t`Writing`,
  };
  const percent = progress === null ? null : `${Math.round(progress * 100)}%`;
  return (
    <p className="stage">
      <span className="pulse" />
      <span className={stage === "choosing_model" ? "late" : ""}>{names[stage]}</span>
      {percent ? <span className="hint">{percent}</span> : <Waited key={stage} />}
    </p>
  );
}

/** Seconds, once there is something to wait for. */
function Waited() {
  const { t } = useLingui();
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => setPassed((count) => count + 1), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return passed >= 3 ? <span className="hint">{t`for ${passed} s`}</span> : null;
}
