import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { addLimit, removeLimit } from "@/api/limits";
import type { LimitInfo } from "@/api/types";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { count } from "@/lib/format";
import { Bar, RuleRow } from "./rule-row";
import { useHolderName } from "./words";

/** One rate limit and what counts against it now. */
export function LimitRow({ limit, onChange }: { limit: LimitInfo; onChange: () => void }) {
  const { i18n, t } = useLingui();
  const report = useReport();
  const name = useHolderName()(limit);
  const { id, holder_kind, holder_id, requests_per_minute, tokens_per_minute, concurrency, used } = limit;
  const remove = async () => {
    if (!id) return;
    await removeLimit(id);
    const wish = { holder_kind, holder_id, requests_per_minute, tokens_per_minute, concurrency };
    const undo = () => void addLimit(wish).catch(report);
    toast(t`The limit of ${name} is lifted.`, { undo });
  };
  const words = (now: number | undefined, most: number) =>
    now === undefined ? count(i18n, most) : `${count(i18n, now)} / ${count(i18n, most)}`;
  const free = used?.free_in_s ? Math.ceil(used.free_in_s) : 0;
  return (
    <RuleRow
      kind={holder_kind}
      name={name}
      id={id}
      locked={limit.origin === "file"}
      onChange={onChange}
      onRemove={() => void remove().catch(report)}
    >
      {requests_per_minute ? (
        <Bar label={t`Requests in use: ${name}`} used={used?.requests ?? null} limit={requests_per_minute}>
          <Amount words={words(used?.requests, requests_per_minute)} of={<Trans>requests a minute</Trans>} />
        </Bar>
      ) : null}
      {tokens_per_minute ? (
        <Bar label={t`Tokens in use: ${name}`} used={used?.tokens ?? null} limit={tokens_per_minute}>
          <Amount words={words(used?.tokens, tokens_per_minute)} of={<Trans>tokens a minute</Trans>} />
        </Bar>
      ) : null}
      {concurrency ? (
        <Bar label={t`Calls under way: ${name}`} used={used?.running ?? null} limit={concurrency}>
          <Amount words={words(used?.running, concurrency)} of={<Trans>at the same time</Trans>} />
        </Bar>
      ) : null}
      {free > 0 ? (
        <span className="hint sm">
          <Trans>all free again in {free} s</Trans>
        </span>
      ) : null}
    </RuleRow>
  );
}

function Amount({ words, of }: { words: string; of: ReactNode }) {
  return (
    <>
      {words} {of}
    </>
  );
}
