import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Cloud, House } from "lucide-react";
import type { ReactNode } from "react";
import { useModelName } from "@/api/models";
import { useThread } from "@/api/threads";
import type { Message, Run } from "@/api/types";
import { Dialog } from "@/components/ui/dialog";
import { useProviderLabel } from "@/features/picker/provider-label";
import { count, dollars, seconds } from "@/lib/format";
import { isReady } from "./ready-note";
import { Why } from "./why";

/** All figures of one answer. */
export function Facts({ run }: { run: Run }) {
  const { t, i18n } = useLingui();
  const model = useModelName(run);
  const provider = useProviderLabel()(run.provider_id, run.provider_name);
  const number = (value: number | null | undefined) => (value == null ? null : count(i18n, value));
  const time = (value: number | null | undefined) => {
    if (value == null) return null;
    const passed = seconds(i18n, value / 1000);
    return t`${passed} s`;
  };
  const speed = number(run.tokens_per_second);
  const rows: [string, ReactNode][] = [
    [t`Model`, run.cached?.kind === "faq" ? null : model],
    [t`Tokens in`, number(run.input_tokens)],
    [t`of these from the cache`, run.cached_input_tokens ? number(run.cached_input_tokens) : null],
    [t`Tokens out`, number(run.output_tokens)],
    [t`of these for thinking`, run.reasoning_tokens ? number(run.reasoning_tokens) : null],
    [t`Time to first word`, time(run.first_token_ms)],
    [t`Total time`, time(run.duration_ms)],
    [t`Speed`, speed ? t`${speed} tok/s` : null],
    [t`Earlier messages`, run.folded ? <FoldedWords key="folded" folded={run.folded} /> : null],
    [t`Remembered facts sent`, run.memory ? number(run.memory) : null],
    [t`Cost`, run.cost_usd == null ? t`unknown` : run.cost_usd === 0 ? t`free` : dollars(run.cost_usd)],
  ];
  return (
    <>
      <p className={`sm font-medium ${run.self_hosted ? "in" : "out"}`}>
        {run.self_hosted ? <House className="i-14" /> : <Cloud className="i-14" />}
        {run.cached?.kind === "faq" ? (
          <Trans>Written by an administrator</Trans>
        ) : isReady(run) ? (
          <Trans>Given again from this server's cache</Trans>
        ) : run.self_hosted ? (
          <Trans>Written in-house, by {provider}</Trans>
        ) : (
          <Trans>Written outside, by {provider}</Trans>
        )}
      </p>
      <dl className="facts mt-2">
        {rows.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {run.cached?.kind === "faq" ? null : <Why run={run} />}
    </>
  );
}

/** What stood in the place of earlier messages. */
function FoldedWords({ folded }: { folded: NonNullable<Run["folded"]> }) {
  const { t, i18n } = useLingui();
  const tokens = count(i18n, folded.tokens);
  const said = [
    folded.messages
      ? t`sent with a summary of ${plural(folded.messages, { one: "# message", other: "# messages" })}, ${tokens} tokens less`
      : null,
    folded.recalled
      ? t`${plural(folded.recalled, { one: "# of them was", other: "# of them were" })} looked up for the question`
      : null,
    folded.cut
      ? t`${plural(folded.cut, { one: "# message was", other: "# messages were" })} left out for lack of room`
      : null,
  ];
  return <span className="stack">{said.map((line) => (line ? <span key={line}>{line}</span> : null))}</span>;
}

/** The figures of a message and when it was written. */
export function DetailsDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t, i18n } = useLingui();
  const moment = (iso: string) => i18n.date(new Date(iso), { dateStyle: "medium", timeStyle: "medium" });
  return (
    <Dialog open onOpenChange={onClose} title={t`Details`}>
      {message.run ? <Facts run={message.run} /> : null}
      <dl className="facts">
        <div>
          <dt>
            <Trans>Written</Trans>
          </dt>
          <dd>{moment(message.created_at)}</dd>
        </div>
        {message.edited_at ? (
          <div>
            <dt>
              <Trans>Edited</Trans>
            </dt>
            <dd>{moment(message.edited_at)}</dd>
          </div>
        ) : null}
      </dl>
      <ChatSums threadId={message.thread_id} />
    </Dialog>
  );
}

/** What all answers of the chat took, those of other branches too; without titles and what was deleted. */
function ChatSums({ threadId }: { threadId: string }) {
  const { t, i18n } = useLingui();
  const runs = (useThread(threadId).data?.messages ?? []).flatMap(({ run }) => run ?? []);
  const sum = (pick: (run: Run) => number | null | undefined) =>
    runs.reduce((all, run) => all + (pick(run) ?? 0), 0);
  const cost = sum((run) => run.cost_usd);
  const unknown = runs.some((run) => run.cost_usd == null);
  const known = cost === 0 ? t`free` : dollars(cost);
  const least = cost === 0 ? t`unknown` : t`at least ${known}`;
  return runs.length > 1 ? (
    <section>
      <h3 className="sm font-medium">
        <Trans>The whole chat</Trans>
      </h3>
      <dl className="facts">
        <div>
          <dt>{t`Tokens in`}</dt>
          <dd>
            {count(
              i18n,
              sum((run) => run.input_tokens),
            )}
          </dd>
        </div>
        <div>
          <dt>{t`Tokens out`}</dt>
          <dd>
            {count(
              i18n,
              sum((run) => run.output_tokens),
            )}
          </dd>
        </div>
        <div>
          <dt>{t`Cost`}</dt>
          <dd>{unknown ? least : known}</dd>
        </div>
      </dl>
    </section>
  ) : null;
}
