import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ChevronRight, Search } from "lucide-react";
import { Fragment, type ReactNode, useDeferredValue, useId, useState } from "react";
import type { UsageCall } from "@/api/types";
import { type Span, useCalls } from "@/api/usage";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { useAttemptWords } from "@/features/chat/message/route-words";
import { count, seconds } from "@/lib/format";
import { Loaded } from "../page";
import { CallDetails } from "./call-details";
import { money, useStatusWords } from "./words";

const STATUSES = ["ok", "failed", "stopped", "refused", "unused"] as const;

interface CallsProps {
  span: Span;
  status: string | undefined;
  request: string;
  onChange: (changes: { status?: string; request?: string }) => void;
}

/** Every call by itself, the newest first; also those that were refused. */
export function Calls({ span, status: wanted, request, onChange }: CallsProps) {
  const { t } = useLingui();
  const words = useStatusWords();
  const status = STATUSES.find((one) => one === wanted);
  const asked = useDeferredValue(request.trim());
  const query = useCalls(span, { status, request_id: asked || undefined });
  return (
    <>
      <div className="calls-tools">
        <Select
          label={t`Status`}
          value={status ?? "all"}
          onChange={(value) => onChange({ status: value === "all" ? undefined : value })}
          options={[
            { value: "all", label: t`Every status` },
            ...STATUSES.map((value) => ({ value, label: words[value] })),
          ]}
          className="group-by"
        />
        <TextField
          label={t`Request id`}
          hideLabel
          type="search"
          className="calls-find"
          autoComplete="off"
          spellCheck={false}
          maxLength={100}
          placeholder={t`Request id`}
          before={<Search className="i-14" />}
          value={request}
          onChange={(event) => onChange({ request: event.target.value || undefined })}
        />
      </div>
      <Loaded query={query} bones={[90, 90, 90, 90, 90]}>
        {(calls) =>
          calls.length ? (
            <CallTable calls={calls} />
          ) : (
            <p className="quiet usage-empty">
              {status || asked ? (
                <Trans>No call of this time is like that.</Trans>
              ) : (
                <Trans>Nothing was asked in this time.</Trans>
              )}
            </p>
          )
        }
      </Loaded>
      {query.hasNextPage ? (
        <div className="section-foot">
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      ) : null}
    </>
  );
}

function CallTable({ calls }: { calls: UsageCall[] }) {
  const { t } = useLingui();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) =>
    setOpen((old) => new Set(old.has(id) ? [...old].filter((one) => one !== id) : [...old, id]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-wrap scroll usage-table calls" aria-label={t`Single calls`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Time</Trans>
            </th>
            <th scope="col">
              <Trans>Model</Trans>
            </th>
            <th scope="col">
              <Trans>Status</Trans>
            </th>
            <th scope="col" className="num">
              <Trans>Tokens</Trans>
            </th>
            <th scope="col" className="num">
              <Trans>Cost</Trans>
            </th>
            <th scope="col" className="num">
              <Trans>Duration</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <Fragment key={call.id}>
              <Row call={call} open={open.has(call.id)} onToggle={() => toggle(call.id)} />
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  call: UsageCall;
  open: boolean;
  onToggle: () => void;
}

function Row({ call, open, onToggle }: RowProps) {
  const { i18n, t } = useLingui();
  const id = useId();
  const words = useStatusWords();
  const { input_tokens: read, output_tokens: written, duration_ms: ms } = call;
  const tokens = read === null && written === null ? null : (read ?? 0) + (written ?? 0);
  const passed = ms === null ? "" : seconds(i18n, ms / 1000);
  const at = i18n.date(call.at, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  return (
    <>
      <tr className="call" data-status={call.status}>
        <th scope="row">
          <button
            type="button"
            className="call-open"
            aria-expanded={open}
            aria-controls={open ? id : undefined}
            onClick={onToggle}
          >
            <ChevronRight className="i-14" />
            <time dateTime={call.at}>{at}</time>
          </button>
        </th>
        <td className="call-model">
          <ModelOf call={call} />
        </td>
        <td className="call-status">
          <span className="tag" data-status={call.status}>
            {words[call.status]}
          </span>
          {call.attempts > 1 ? (
            <span className="hint sm block">
              <Plural value={call.attempts} one="# attempt" other="# attempts" />
            </span>
          ) : null}
        </td>
        <Figure name={t`Tokens`}>{tokens === null || !call.model ? "–" : count(i18n, tokens)}</Figure>
        <Figure name={t`Cost`}>
          <Cost call={call} />
        </Figure>
        <Figure name={t`Duration`}>{passed ? t`${passed} s` : "–"}</Figure>
      </tr>
      {open ? (
        <tr className="call-more" id={id}>
          <td colSpan={6}>
            <CallDetails call={call} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

/** What answered; where it is another than the one asked for, both. */
function ModelOf({ call }: { call: UsageCall }) {
  const ends = useAttemptWords();
  const { requested, model, user_name: person, key_name: key, error } = call;
  const told = [person, key, error ? ends(error, model || requested) : null].filter(Boolean).join(" · ");
  return (
    <>
      <span className="break-all">
        {requested && requested !== model ? requested : model || <Trans>No model named</Trans>}
        {requested && model && requested !== model ? ` → ${model}` : null}
      </span>
      {told ? <span className="hint sm block">{told}</span> : null}
    </>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <td className="num" data-label={name}>
      {children}
    </td>
  );
}

function Cost({ call: { cost_usd: usd, model } }: { call: UsageCall }) {
  const { i18n } = useLingui();
  if (!model) return "–";
  if (usd === null) return <Trans>unknown</Trans>;
  return usd === 0 ? <Trans>free</Trans> : money(i18n, usd);
}
