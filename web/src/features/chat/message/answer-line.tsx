import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronDown, Cloud, House } from "lucide-react";
import { useModelName } from "@/api/models";
import type { Run } from "@/api/types";
import { Popover } from "@/components/ui/popover";
import { count, dollars, seconds } from "@/lib/format";
import { Facts } from "./details";

/** Where it was written, how fast and for how much; a click opens all figures. */
export function AnswerLine({ run, edited }: { run: Run; edited: boolean }) {
  const { t } = useLingui();
  const name = useModelName(run);
  return (
    <Popover
      label={t`Details`}
      className="facts-pop"
      trigger={
        <button type="button" className="answer-line">
          <span className={run.self_hosted ? "in" : "out"}>{run.self_hosted ? <House /> : <Cloud />}</span>
          <span className="model" title={run.model_id}>
            {name}
          </span>
          <span className={`where ${run.self_hosted ? "in" : "out"}`}>
            {run.self_hosted ? t`in-house` : run.provider_name}
          </span>
          <Figures run={run} />
          {edited ? <Figure>{t`edited`}</Figure> : null}
          <ChevronDown className="i-14" />
        </button>
      }
    >
      <Facts run={run} />
    </Popover>
  );
}

function Figure({ children, title }: { children: React.ReactNode; title?: string }) {
  return (
    <>
      <span className="sep">·</span>
      <span title={title}>{children}</span>
    </>
  );
}

function Figures({ run }: { run: Run }) {
  const { t, i18n } = useLingui();
  const speed = run.tokens_per_second == null ? null : count(i18n, run.tokens_per_second);
  const wait = run.first_token_ms == null ? null : seconds(i18n, run.first_token_ms / 1000);
  return (
    <>
      {speed ? (
        <Figure>
          <Trans>{speed} tok/s</Trans>
        </Figure>
      ) : null}
      {wait ? (
        <Figure title={t`Time to first word`}>
          <Trans>
            <span className="only-wide">first word </span>
            {wait} s
          </Trans>
        </Figure>
      ) : null}
      <Cost run={run} />
    </>
  );
}

/** Zero is `$0.000` in English and 不花钱 in Chinese, through the catalogue. */
function Cost({ run }: { run: Run }) {
  const { t } = useLingui();
  if (run.cost_usd == null) return null;
  return <Figure>{run.cost_usd === 0 ? t`$0.000` : dollars(run.cost_usd)}</Figure>;
}
