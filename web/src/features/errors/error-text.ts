import { useLingui } from "@lingui/react/macro";
import { useCallback } from "react";
import type { Problem } from "@/api/errors";

export interface ErrorText {
  /** What happened, as a title. */
  title: string;
  /** What happened and what it did not harm. */
  what: string;
}

type Described = Pick<Problem, "code" | "message" | "params">;

/**
 * The sentences for an error code, in the reader's language. The server's own English sentence is the fallback for codes
 * that have none here.
 */
export function useErrorText(): (error: Described) => ErrorText {
  const { t } = useLingui();
  return useCallback(
    ({ code, message, params }: Described): ErrorText => {
      const provider = String(params.provider ?? t`The provider`);
      const model = String(params.model ?? t`The model`);
      const seconds = Number(params.retry_after_s ?? 0);
      const safe = t`Your message is safe.`;
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
              ? t`Too many requests; again in ${seconds} s. ${safe}`
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
        model_cannot: { title: t`${model} cannot do that`, what: message },
        context_too_long: {
          title: t`Too long for this model`,
          what: t`The chat no longer fits into the memory of ${model}. ${safe}`,
        },
        rate_limited: {
          title: t`A limit is reached`,
          what:
            seconds >= 1 ? t`Again in ${Math.ceil(seconds)} s. ${safe}` : t`Try again in a moment. ${safe}`,
        },
        budget_exceeded: {
          title: t`The budget is used up`,
          what: t`An administrator can raise it; models in the house cost nothing. ${safe}`,
        },
        price_unknown: {
          title: t`Nobody knows what ${model} costs`,
          what: t`Under a budget it cannot be asked until its price is entered. ${safe}`,
        },
        no_model_available: {
          title: t`No model yet`,
          what: t`Connect a provider or download the built-in model, then send again.`,
        },
        interrupted: {
          title: t`The answer was cut off`,
          what: t`The server stopped while it was writing. What was written is kept.`,
        },
        not_found: { title: t`Not there`, what: t`There is nothing here. It may have been deleted.` },
        not_signed_in: { title: t`Signed out`, what: t`Sign in again to go on.` },
        payload_too_large: { title: t`Too large`, what: t`That is more than this server takes at once.` },
        unsupported_media: {
          title: t`Not an image that can be read`,
          what: t`PNG, JPEG, WebP and GIF can be read.`,
        },
        disk_full: {
          title: t`The disk is full`,
          what: t`The server's disk is full. Nothing that was saved is lost.`,
        },
        database_locked: {
          title: t`The database is busy`,
          what: t`Another program holds the database. Nothing was changed.`,
        },
        wrong_credentials: { title: t`That did not match`, what: t`E-mail and password do not match.` },
      };
      return table[code] ?? { title: t`That did not work`, what: message };
    },
    [t],
  );
}
