import { Trans, useLingui } from "@lingui/react/macro";
import { BookmarkPlus } from "lucide-react";
import { useMe } from "@/api/bootstrap";
import { changeFact, removeFact, useFacts } from "@/api/memory";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";

/** What a model in the house proposes to remember of this chat; one at a time. */
export function ProposedNote({ threadId }: { threadId: string }) {
  const { t } = useLingui();
  const report = useReport();
  const { memory_proposals: on } = useMe().preferences;
  const { data: facts = [] } = useFacts(on);
  const fact = facts.findLast((one) => one.state === "proposed" && one.thread_id === threadId);
  if (!on || !fact) return null;
  return (
    <section className="note proposed-note" aria-label={t`Something to remember?`}>
      <BookmarkPlus />
      <span className="grow">
        <Trans>Remember this?</Trans> {fact.text}
      </span>
      <Button small variant="ghost" onClick={() => void removeFact(fact.id).catch(report)}>
        <Trans>No</Trans>
      </Button>
      <Button small onClick={() => void changeFact(fact.id, { state: "kept" }).catch(report)}>
        <Trans>Remember</Trans>
      </Button>
    </section>
  );
}
