import { useLingui } from "@lingui/react/macro";
import { ApiError, Unreachable } from "@/api/errors";
import { toast } from "@/components/ui/toast";
import { ahead } from "@/lib/ago";

export interface Failure {
  code: string;
  /** What happened. */
  what: string;
  /** What can be done about it. */
  next: string;
}

/** What was tried, where the page knows it better than the server's answer. */
export interface Tried {
  /** The provider's name in the reader's language. */
  name?: string;
  address?: string | null;
}

interface Described {
  code?: unknown;
  message?: unknown;
  next_step?: unknown;
  params?: unknown;
}

/**
 * Why a provider did not work, in the reader's language, with what to do about it. Unlike under a message, nothing was
 * being sent here, so there is nothing to say about its safety. The server's English is the fallback.
 */
export function useFailure(): (error: unknown, tried?: Tried) => Failure {
  const { t, i18n } = useLingui();
  const change = (origin: unknown) =>
    origin === "file" ? t`Change it there; it is read again at once.` : t`Change it there and start again.`;
  return (error, tried = {}) => {
    if (error instanceof Unreachable)
      return {
        code: "unreachable",
        what: t`Freehold itself cannot be reached.`,
        next: t`Check that it runs, then try again.`,
      };
    const {
      code,
      message,
      next_step,
      params: given,
    } = (error instanceof ApiError ? error.problem : error) as Described;
    const params = (given ?? {}) as Record<string, unknown>;
    const name = tried.name ?? String(params.provider ?? t`The provider`);
    const { address } = tried;
    const seconds = Number(params.retry_after_s) || 0;
    const wait = ahead(seconds, i18n.locale);
    const place = String(params.origin_detail ?? "");
    const retry = t`Try again in a moment.`;
    const table: Record<string, [string, string]> = {
      provider_key_rejected: [
        t`${name} turned the key down.`,
        t`Copy the key again, whole, and check that it is active.`,
      ],
      provider_key_missing: [t`${name} needs a key.`, t`Enter one, then check again.`],
      provider_unreachable: [
        address ? t`No connection to ${name} at ${address}.` : t`No connection to ${name}.`,
        t`Check the address, and that the server there runs and can be reached from this one.`,
      ],
      provider_timeout: [t`${name} did not answer in time.`, retry],
      provider_rate_limited: [t`${name} asks for a pause.`, seconds > 0 ? t`Try again ${wait}.` : retry],
      provider_quota_exceeded: [t`The account at ${name} is used up.`, t`Top it up there, then check again.`],
      provider_overloaded: [t`${name} has no room at the moment.`, retry],
      provider_protocol_error: [
        t`${name} answered with something that is no model API.`,
        t`Check the address: it often has to end in /v1.`,
      ],
      model_not_found: [
        t`${name} does not know the model that was asked for.`,
        t`List the models again, or check the name.`,
      ],
      model_not_installed: [t`${name} has no model yet.`, t`Download one first.`],
      disk_full: [t`The disk is full.`, t`Make room on the server, then go on where it stopped.`],
      not_found: [t`It is not there any more.`, t`Somebody may have removed it.`],
    };
    if (code === "conflict" && place)
      return {
        code,
        what: t`This is set in ${place}.`,
        next: change(params.origin),
      };
    const known = table[String(code)];
    if (known) return { code: String(code), what: known[0], next: known[1] };
    return { code: String(code), what: String(message ?? error), next: String(next_step ?? "") };
  };
}

/** The server's own words for a failure: for those who ask it, or search for it. */
export function failureDetails(error: unknown): string {
  if (error instanceof Unreachable) return "";
  const { code, message, next_step } = (error instanceof ApiError ? error.problem : error) as Described;
  return [code, message, next_step].filter(Boolean).join("\n");
}

/** Says a failure in a toast; for actions that have no place of their own for it. */
export function useSayFailure(): (error: unknown) => void {
  const failure = useFailure();
  return (error) => {
    const { what, next } = failure(error);
    toast(`${what} ${next}`.trim(), { failed: true });
  };
}
