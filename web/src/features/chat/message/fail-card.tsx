import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import {
  ChevronDown,
  ChevronUp,
  House,
  RefreshCw,
  Route,
  Send,
  StepForward,
  TriangleAlert,
} from "lucide-react";
import { useEffect, useId, useState } from "react";
import { useMe } from "@/api/bootstrap";
import { useModels } from "@/api/models";
import type { ErrorInfo, Message } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/features/errors/error-text";
import { useReport } from "@/features/errors/report";
import { PickerPopover } from "@/features/picker/picker-popover";
import { ahead } from "@/lib/ago";
import { continueAnswer, regenerate } from "../actions";
import { useChooseModel, useKeptInHouse } from "../use-thread-model";
import { ToProvider } from "./to-provider";

const unknown: ErrorInfo = { code: "interrupted", message: "", next_step: "", retryable: true, params: {} };
/** What stopped an answer from outside, and would not stop one from the house. */
const ANSWERED_IN_HOUSE = new Set(["kept_in_house", "budget_exceeded", "price_unknown"]);

/** What failed, what it did not harm, and what can be done now. */
export function FailCard({ message, busy }: { message: Message; busy: boolean }) {
  const id = useId();
  const errorText = useErrorText();
  const [open, setOpen] = useState(false);
  const error = message.error ?? unknown;
  const params = error.params ?? {};
  const { title, what } = errorText({ ...error, params: { ...params, retry_after_s: undefined } });
  return (
    <div className={`card fail mt-3 ${message.status === "interrupted" ? "is-mild" : ""}`} role="alert">
      <div className="row">
        <TriangleAlert />
        <b>{title}</b>
      </div>
      <p>{what}</p>
      {error.at && Number(params.retry_after_s) > 0 ? (
        <Wait at={error.at} seconds={Number(params.retry_after_s)} />
      ) : null}
      <div className="row wrap">
        <NextSteps message={message} error={error} busy={busy} />
        <span className="grow" />
        {message.error ? (
          <Button
            variant="ghost"
            small
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            <Trans>Details</Trans>
            {open ? <ChevronUp className="i-14" /> : <ChevronDown className="i-14" />}
          </Button>
        ) : null}
      </div>
      <div id={id} hidden={!open}>
        <pre className="args mono">
          {[error.code, error.message, error.next_step].filter(Boolean).join("\n")}
        </pre>
      </div>
    </div>
  );
}

/** Counts down to when a limit lets the next one through; silently, the card itself was announced. */
function Wait({ at, seconds }: { at: string; seconds: number }) {
  const { i18n } = useLingui();
  const left = () => Math.ceil(Math.min(seconds, seconds - (Date.now() - Date.parse(at)) / 1000));
  const [rest, setRest] = useState(left);
  const over = rest <= 0;
  const wait = ahead(rest, i18n.locale);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `left` reads nothing but the properties and the clock
  useEffect(() => {
    if (over) return;
    const timer = window.setInterval(() => setRest(left()), 1000);
    return () => window.clearInterval(timer);
  }, [over, at, seconds]);
  return (
    <p role="timer" aria-live="off">
      {over ? <Trans>It can be tried again now.</Trans> : <Trans>Again {wait}.</Trans>}
    </p>
  );
}

function NextSteps({ message, error, busy }: { message: Message; error: ErrorInfo; busy: boolean }) {
  const { t } = useLingui();
  const report = useReport();
  const me = useMe();
  const inHouse = useKeptInHouse(message.thread_id);
  const again = (model?: string, consent?: string[]) =>
    void regenerate(message, model, consent).catch(report);
  return (
    <>
      {message.status === "interrupted" && message.parts.length > 0 ? (
        <Button small disabled={busy} onClick={() => void continueAnswer(message).catch(report)}>
          <StepForward className="i-14" />
          <Trans>Continue</Trans>
        </Button>
      ) : null}
      {me.role === "admin" ? <ToProvider error={error} /> : null}
      {error.code === "context_too_long" ? (
        <Link to="/" className="btn btn-outline btn-sm">
          <Trans>New chat</Trans>
        </Link>
      ) : null}
      {error.retryable || message.status === "interrupted" ? (
        <Button small disabled={busy} onClick={() => again()}>
          <RefreshCw className="i-14" />
          <Trans>Try again</Trans>
        </Button>
      ) : null}
      <AtTheBorder message={message} error={error} busy={busy} again={again} />
      <PickerPopover
        current={message.run?.model}
        inHouse={inHouse}
        onPick={(model) => again(model)}
        trigger={
          <Button small variant="ghost" disabled={busy} aria-label={t`Answer with another model`}>
            <Route className="i-14" />
            <Trans>Another model</Trans>
          </Button>
        }
      />
    </>
  );
}

/** What can be done about an answer from outside: let a class of data out, or have it answered in the house. */
function AtTheBorder({
  message,
  error,
  busy,
  again,
}: {
  message: Message;
  error: ErrorInfo;
  busy: boolean;
  again: (model?: string, consent?: string[]) => void;
}) {
  const { data: models } = useModels();
  const choose = useChooseModel(message.thread_id);
  const inHouse = models?.items.find(
    (model) => model.self_hosted && model.ref !== message.run?.model && !model.demonstration,
  );
  const kept = error.code.startsWith("data_") || ANSWERED_IN_HOUSE.has(error.code);
  return (
    <>
      {error.code === "data_needs_consent" ? (
        <Button small disabled={busy} onClick={() => again(undefined, error.params?.classes as string[])}>
          <Send className="i-14" />
          <Trans>Send it all the same</Trans>
        </Button>
      ) : null}
      {inHouse && (kept || (message.run && !message.run.self_hosted)) ? (
        <Button
          small
          disabled={busy}
          title={inHouse.name}
          onClick={() => {
            choose(inHouse.ref); // what comes next would meet the same border
            again(inHouse.ref);
          }}
        >
          <House className="i-14" />
          <Trans>Answer in-house</Trans>
        </Button>
      ) : null}
    </>
  );
}
