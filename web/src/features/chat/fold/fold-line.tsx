import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { FoldVertical } from "lucide-react";
import { undoFold } from "@/api/folds";
import type { Fold } from "@/api/types";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { count } from "@/lib/format";

interface FoldLineProps {
  fold: Fold;
  threadId: string;
  /** How many messages of this branch the summary stands for. */
  messages: number;
  open: boolean;
  busy: boolean;
  onOpen: (open: boolean) => void;
}

/** Where messages are folded: the summary that is sent for them, and the way back. */
export function FoldLine({ fold, threadId, messages, open, busy, onOpen }: FoldLineProps) {
  const { t } = useLingui();
  const report = useReport();
  const undo = async () => {
    await undoFold(fold, threadId);
    toast(t`These messages are sent as they are again. This chat is not folded by itself any more.`);
  };
  return (
    <section className="compacted" aria-label={t`Folded messages`}>
      <div className="compacted-line">
        <FoldVertical className="i-14" />
        <span>
          {plural(messages, {
            one: "# message folded into a summary",
            other: "# messages folded into a summary",
          })}
        </span>
        <span className="compacted-does">
          <Button small variant="ghost" aria-expanded={open} onClick={() => onOpen(!open)}>
            {open ? <Trans>Hide</Trans> : <Trans>Show</Trans>}
          </Button>
          <Button small variant="ghost" disabled={busy} onClick={() => void undo().catch(report)}>
            <Trans>Undo</Trans>
          </Button>
        </span>
      </div>
      {open ? <Summary fold={fold} /> : null}
    </section>
  );
}

function Summary({ fold }: { fold: Fold }) {
  const { i18n } = useLingui();
  const model = fold.model.slice(fold.model.indexOf("/") + 1);
  const before = count(i18n, fold.tokens_before);
  const after = count(i18n, fold.tokens_after);
  return (
    <div className="card compacted-card">
      <p className="compacted-words">{fold.summary}</p>
      {fold.facts.length ? (
        <>
          <h2>
            <Trans>Facts</Trans>
          </h2>
          <ul>
            {fold.facts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </>
      ) : null}
      <p className="hint sm">
        <Trans>
          Written in-house by {model}. Models are sent these {after} tokens in the place of about {before},
          and what a question is about is looked up in the messages below.
        </Trans>
      </p>
    </div>
  );
}

/** Where the folded messages end, while they are shown. */
export function FoldEnd() {
  return (
    <p className="compacted-line is-end">
      <Trans>From here on messages are sent as they are</Trans>
    </p>
  );
}
