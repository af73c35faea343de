/** The sentences for errors that are seldom met; loaded, with their catalogue, when the first one comes. */
import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { ahead } from "@/lib/ago";
import type { Described, ErrorText } from "../error-text";
import { refusedRules } from "./refused-rules";
import { refusedTestSet } from "./refused-test-set";

function cannotFold(why: unknown): string {
  if (why === "too_short") return t`There is not enough in it yet. It is sent as it is.`;
  if (why === "no_model")
    return t`It takes a model in the house to write the summary. Connect one, or go on: the chat is sent as it is.`;
  return t`The model in the house wrote no summary that can be used. The chat is sent as it is.`;
}

/** In the language that is active now. */
export function rareSentences({ message, params }: Described): Record<string, ErrorText> {
  const model = String(params.model ?? t`this model`);
  const scope = String(params.scope ?? "");
  const address = String(params.address ?? "");
  const seconds = Number(params.retry_after_s) || 0;
  const wait = ahead(seconds, i18n.locale);
  const said = t`The server says: ${message}`;
  const safe = t`Your message is safe.`;
  const key = t`Make or change keys under “API keys” in the settings.`;
  const file = "freehold.yaml";
  return {
    internal_error: {
      title: t`Something went wrong on the server`,
      what: t`What was saved before is safe. If it happens again, the server's log has the details.`,
    },
    rules_refused: { title: t`These rules cannot be used`, what: refusedRules(params) || message },
    selection_refused: {
      title: t`These messages cannot be shared together`,
      what:
        params.why === "gone"
          ? t`Some of the selected messages are not in this chat any more. Load it again and select what is there.`
          : t`The selected messages are on different branches. Select messages of one branch.`,
    },
    test_set_refused: { title: t`These questions cannot be used`, what: refusedTestSet(params) || message },
    too_few_models: {
      title: t`Two models are needed`,
      what: t`No two of these models can answer this. Connect a provider, or choose others to draw from.`,
    },
    invalid_request: { title: t`Something in it is not right`, what: said },
    cannot_carry: {
      title: t`This API cannot carry the answer`,
      what: t`The model made something that has no form here, a picture for example.`,
    },
    cannot_fold: { title: t`This chat was not folded`, what: cannotFold(params.why) },
    conflict: { title: t`That does not fit how things are now`, what: said },
    forbidden: { title: t`That is not allowed`, what: said },
    cross_site_request: {
      title: t`The request came from another address`,
      what: t`Open Freehold at its own address; behind a proxy an administrator checks its public address.`,
    },
    unknown_host: {
      title: t`The server does not answer under this name`,
      what: t`An administrator can add the name to the allowed hosts.`,
    },
    url_too_long: { title: t`The address is too long`, what: t`Ask for less at once.` },
    headers_too_large: {
      title: t`The browser sent too much with it`,
      what: t`Clear this site's cookies, then sign in again.`,
    },
    key_missing: { title: t`An API key is missing`, what: key },
    key_invalid: { title: t`This API key is not known here`, what: key },
    key_expired: { title: t`This API key has expired`, what: key },
    key_revoked: { title: t`This API key was revoked`, what: key },
    two_credentials: {
      title: t`Two different API keys were sent`,
      what: t`Send one of them, in one header.`,
    },
    scope_missing: {
      title: t`This API key may not do that`,
      what: t`It lacks the scope “${scope}”. ${key}`,
    },
    model_not_allowed: {
      title: t`${model} is not allowed for this API key`,
      what: t`Choose a model that the key may use, or add this one to the key.`,
    },
    address_not_allowed: {
      title: t`This API key may not be used from here`,
      what: t`The address ${address} is in none of its networks.`,
    },
    too_many_attempts: {
      title: t`Too many tries`,
      what: seconds > 0 ? t`Again ${wait}.` : t`Try again in a moment.`,
    },
    configuration_error: { title: t`The server's settings are wrong`, what: said },
    storage_error: {
      title: t`The database did not take it`,
      what: t`Nothing was changed. Try again in a moment.`,
    },
    database_unreachable: {
      title: t`The database cannot be reached`,
      what: t`Nothing was changed. It comes back by itself when the database does.`,
    },
    cache_unreachable: {
      title: t`Redis does not answer`,
      what: t`Nothing is lost: Freehold works without it, a little slower.`,
    },
    disk_full: {
      title: t`The disk is full`,
      what: t`The server's disk is full. Nothing that was saved is lost.`,
    },
    database_locked: {
      title: t`The database is busy`,
      what: t`Another program holds the database. Nothing was changed.`,
    },
    share_password_needed: {
      title: t`A password is needed`,
      what: t`This chat is shared with a password.`,
    },
    sharing_off: {
      title: t`Sharing is off`,
      what: t`An administrator has turned sharing off on this server.`,
    },
    wrong_credentials: { title: t`That did not match`, what: t`E-mail and password do not match.` },
    payload_too_large: {
      title: t`Too large`,
      what:
        params.what === "text"
          ? t`A text may have ${String(params.megabytes)} MB. Send the part of it that matters, or split it.`
          : t`That is more than this server takes at once.`,
    },
    unsupported_media: {
      title: t`Neither an image nor a text that can be read`,
      what: t`PNG, JPEG, WebP and GIF can be read, and texts such as Markdown, CSV, JSON or code, in UTF-8, UTF-16 or GB18030.`,
    },
    no_voice_model: {
      title: t`No model for speech`,
      what: t`This server has no model for speech. An administrator can name one; until then use what the browser has.`,
    },
    price_unknown: {
      title: t`Nobody knows what ${model} costs`,
      what: t`Under a budget it cannot be asked until an administrator enters its price, under “Providers” in the settings or in ${file}. ${safe}`,
    },
    not_found: { title: t`Not there`, what: t`There is nothing here. It may have been deleted.` },
    schema_too_new: {
      title: t`A newer Freehold wrote this database`,
      what: t`Start that version, or restore a backup made before the upgrade.`,
    },
  };
}
