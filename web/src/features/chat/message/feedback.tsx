import { Trans, useLingui } from "@lingui/react/macro";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";
import { rateMessage } from "@/api/messages";
import type { FeedbackPut, Message, Reason } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Popover } from "@/components/ui/popover";
import { useReport } from "@/features/errors/report";

/** Thumbs up and down. A press is kept at once; what opens then asks why, and may be left alone. */
export function FeedbackButtons({ message }: { message: Message }) {
  return (
    <>
      <Thumb message={message} good />
      <Thumb message={message} good={false} />
    </>
  );
}

function Thumb({ message, good }: { message: Message; good: boolean }) {
  const { t } = useLingui();
  const report = useReport();
  const [open, setOpen] = useState(false);
  const given = message.feedback?.good === good;
  const keep = (feedback: FeedbackPut | null) => rateMessage(message, feedback).catch(report);
  const change = (next: boolean) => {
    setOpen(next);
    if (next && !given) void keep({ good, reasons: [], comment: "" });
  };
  return (
    <Popover
      label={t`What do you think of this answer?`}
      className="feedback-pop"
      align="end"
      open={open}
      onOpenChange={change}
      trigger={
        <IconButton
          label={good ? t`Good answer` : t`Bad answer`}
          className={given ? "is-on" : ""}
          aria-pressed={given}
        >
          {good ? <ThumbsUp className="i-14" /> : <ThumbsDown className="i-14" />}
        </IconButton>
      }
    >
      <Reasons
        message={message}
        good={good}
        onChange={(feedback) => void keep(feedback)}
        onRemove={() => {
          setOpen(false);
          void keep(null);
        }}
        onDone={() => setOpen(false)}
      />
    </Popover>
  );
}

interface ReasonsProps {
  message: Message;
  good: boolean;
  onChange: (feedback: FeedbackPut) => void;
  onRemove: () => void;
  onDone: () => void;
}

function Reasons({ message, good, onChange, onRemove, onDone }: ReasonsProps) {
  const { t } = useLingui();
  const kept = message.feedback?.good === good ? message.feedback : null;
  const [comment, setComment] = useState(kept?.comment ?? "");
  const reasons = kept?.reasons ?? [];
  const names: [Reason, string][] = good
    ? [
        ["correct", t`Correct`],
        ["clear", t`Clear`],
        ["thorough", t`Thorough`],
        ["well_said", t`Well said`],
      ]
    : [
        ["wrong", t`Wrong`],
        ["incomplete", t`Incomplete`],
        ["ignored_instructions", t`Not what I asked for`],
        ["badly_said", t`Badly said`],
        ["wrong_language", t`In the wrong language`],
        ["refused", t`Refused for no reason`],
      ];
  const toggle = (reason: Reason) => {
    const next = reasons.includes(reason) ? reasons.filter((item) => item !== reason) : [...reasons, reason];
    onChange({ good, reasons: next, comment });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (comment !== (kept?.comment ?? "")) onChange({ good, reasons, comment });
        onDone();
      }}
    >
      <p className="sm font-medium">{good ? <Trans>What was good?</Trans> : <Trans>What was bad?</Trans>}</p>
      <fieldset className="reasons" aria-label={t`Reasons for it`}>
        {names.map(([reason, name]) => (
          <button
            key={reason}
            type="button"
            className="reason"
            aria-pressed={reasons.includes(reason)}
            onClick={() => toggle(reason)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <textarea
        className="area"
        rows={2}
        maxLength={2000}
        value={comment}
        aria-label={t`In your own words`}
        placeholder={t`In your own words`}
        onChange={(event) => setComment(event.target.value)}
      />
      <p className="hint sm">
        <Trans>It stays on this server, with the answer and its model.</Trans>
      </p>
      <div className="row justify-end">
        <Button variant="ghost" small onClick={onRemove}>
          <Trans>Take back</Trans>
        </Button>
        <Button variant="primary" small type="submit">
          <Trans>Done</Trans>
        </Button>
      </div>
    </form>
  );
}
