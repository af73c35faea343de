import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useCallback, useSyncExternalStore } from "react";
import type { Problem } from "@/api/errors";
import { withCatalogue } from "@/i18n";
import { ahead } from "@/lib/ago";

export interface ErrorText {
  /** What happened, as a title. */
  title: string;
  /** What happened and what it did not harm. */
  what: string;
}

export type Described = Pick<Problem, "code" | "message" | "params">;

type Sentences = (error: Described) => Record<string, ErrorText>;
let rare: Sentences | null = null;
let loading: Promise<void> | null = null;
const waiting = new Set<() => void>();

/** Loads the sentences that are not part of the first page; done at once when they are there. */
export function loadRareSentences(): Promise<void> {
  loading ??= Promise.all([import("./rare/sentences"), withCatalogue("settings")]).then(
    ([module]) => {
      rare = module.rareSentences;
      for (const again of waiting) again();
    },
    () => {
      loading = null;
    },
  );
  return loading;
}

function subscribe(again: () => void): () => void {
  waiting.add(again);
  return () => waiting.delete(again);
}

/**
 * The sentences for an error code, in the reader's language. Until the rare ones are loaded, and for codes that a newer
 * server has, the server's own English sentence stands there.
 */
export function useErrorText(): (error: Described) => ErrorText {
  const { t, i18n } = useLingui();
  const more = useSyncExternalStore(subscribe, () => rare);
  return useCallback(
    ({ code, message, params }: Described): ErrorText => {
      const provider = String(params.provider ?? t`The provider`);
      const model = String(params.model ?? t`The model`);
      const seconds = Number(params.retry_after_s) || 0;
      const wait = ahead(seconds, i18n.locale);
      const safe = t`Your message is safe.`;
      const rule = String(params.rule ?? "");
      const classes = Array.isArray(params.classes) ? params.classes.join(", ") : "";
      const limitText = ({ limit, allowed, holder, holder_name: named = "" }: Described["params"]) => {
        const holders: Record<string, string> = {
          user: t`your account`,
          key: t`the key ${named}`,
          group: t`the group ${named}`,
          model: t`the model ${named}`,
        };
        const whose = holders[String(holder)];
        const many = Number(allowed);
        const limits: Record<string, string> = {
          requests_per_minute: t`The limit of ${whose} is reached: ${plural(many, { one: "# request", other: "# requests" })} a minute.`,
          tokens_per_minute: t`The limit of ${whose} is reached: ${plural(many, { one: "# token", other: "# tokens" })} a minute.`,
          concurrency: t`The limit of ${whose} is reached: ${plural(many, { one: "# answer", other: "# answers" })} at the same time.`,
        };
        return (whose && limits[String(limit)]) || t`Too much at once.`;
      };
      const table: Record<string, ErrorText> = {
        provider_key_rejected: {
          title: t`${provider} turned the key down`,
          what: t`The key for ${provider} is not valid. Nothing was charged, and your message is safe.`,
        },
        provider_key_missing: {
          title: t`${provider} needs a key`,
          what: t`There is no key for ${provider} yet. Your message is safe.`,
        },
        provider_unreachable: {
          title: t`${provider} cannot be reached`,
          what: t`No connection to ${provider}. Nothing was charged, and your message is safe.`,
        },
        provider_timeout: {
          title: t`${provider} took too long`,
          what: t`${provider} did not answer in time. ${safe}`,
        },
        provider_rate_limited: {
          title: t`${provider} asks for a pause`,
          what:
            seconds > 0
              ? t`Too many requests; again ${wait}. ${safe}`
              : t`Too many requests in a short time. ${safe}`,
        },
        provider_quota_exceeded: {
          title: t`The account at ${provider} is used up`,
          what: t`${provider} wants it topped up. Nothing was charged.`,
        },
        provider_overloaded: {
          title: t`${provider} is overloaded`,
          what: t`${provider} has no room at the moment. ${safe}`,
        },
        queue_full: {
          title: t`${provider} is busy`,
          what: t`Too many are waiting there already. ${safe}`,
        },
        provider_refused: { title: t`${provider} refused the request`, what: message },
        provider_protocol_error: {
          title: t`${provider} sent something unreadable`,
          what: t`The reply broke off or was not in the agreed form. ${safe}`,
        },
        provider_error: { title: t`${provider} failed`, what: message },
        model_not_found: {
          title: t`${model} is not there`,
          what: t`${provider} does not know this model, or no longer. ${safe}`,
        },
        model_not_installed: {
          title: t`${model} is not downloaded yet`,
          what: t`It has to be downloaded once. ${safe}`,
        },
        rule_forbids: {
          title: t`A rule does not allow this`,
          what: t`The rule ${rule} leaves no model for this message. ${safe}`,
        },
        kept_in_house: {
          title: t`This chat is kept in the house`,
          what: t`The model that you asked is outside. Ask one in the house, or let the chat out with the lock at its top. ${safe}`,
        },
        data_stays_in_house: {
          title: t`This stays in the house`,
          what: t`It holds ${classes}, which is not sent to models outside. A model in the house can answer. ${safe}`,
        },
        data_blocked: {
          title: t`This may not be sent`,
          what: t`It holds ${classes}. Take it out, or ask a model in the house. ${safe}`,
        },
        data_needs_consent: {
          title: t`Shall this leave the house?`,
          what: t`It holds ${classes}, and the model that you asked is outside. Nothing was sent yet.`,
        },
        model_cannot: { title: t`${model} cannot do that`, what: message },
        context_too_long: {
          title: t`Too long for this model`,
          what: t`The chat no longer fits into the memory of ${model}. ${safe}`,
        },
        rate_limited: {
          title: t`A limit is reached`,
          what:
            seconds >= 1 ? t`${limitText(params)} Again ${wait}. ${safe}` : t`${limitText(params)} ${safe}`,
        },
        budget_exceeded: {
          title: t`The budget has no room for this answer`,
          what: t`An administrator can raise it; models in the house cost nothing. ${safe}`,
        },
        no_model_available: {
          title: t`No model yet`,
          what: t`Connect a provider or download the built-in model, then send again.`,
        },
        interrupted: {
          title: t`The answer was cut off`,
          what: t`The server stopped while it was writing. What was written is kept.`,
        },
        not_signed_in: { title: t`Signed out`, what: t`Sign in again to go on.` },
      };
      const found = table[code] ?? (more ?? rare)?.({ code, message, params })[code];
      if (!found && !rare) void loadRareSentences();
      return found ?? { title: t`That did not work`, what: message };
    },
    [t, i18n, more],
  );
}
