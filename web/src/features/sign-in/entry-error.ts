import { useLingui } from "@lingui/react/macro";
import { ApiError, type Problem, Unreachable } from "@/api/errors";

/** Where the sentence belongs: under a field, or over the button. */
export interface EntryError {
  field: "email" | "name" | "password" | "current_password" | null;
  text: string;
  /** Seconds to wait before the next try. */
  wait: number;
}

type Field = EntryError["field"];

/** Says in the reader's language why someone was not let in, or why an account could not be made. */
export function useEntryError(): (error: unknown, code?: boolean) => EntryError {
  const { t } = useLingui();
  const fieldText = (field: unknown): [string, Field] | null => {
    if (field === "email") return [t`That does not look like an e-mail address.`, "email"];
    if (field === "name") return [t`A name is needed, up to 100 characters.`, "name"];
    if (field !== "password" && field !== "new_password") return null;
    return [
      t`This password is too easy to guess: it is on lists of well-known ones, or close to one. Four unrelated words do well.`,
      "password",
    ];
  };
  const refusal = (
    { code, params, fields, message, next_step }: Problem,
    byCode: boolean,
  ): [string, Field?] => {
    const named = fields?.[0]?.path ?? params.field;
    switch (code) {
      case "wrong_credentials":
        if (named === "current_password") return [t`That is not your current password.`, named];
        return [byCode ? t`That is not the code.` : t`E-mail and password do not match.`];
      case "conflict":
        return [t`This is set up already. Sign in instead.`];
      case "cross_site_request":
        return [
          t`The server does not trust this address. Open Freehold at its own address, or set FREEHOLD_PUBLIC_URL.`,
        ];
      case "forbidden":
        if (/setup link/.test(message))
          return [t`This link is not valid any more. Start the server again: it prints a new one.`];
        return [t`This account is not active. Ask an administrator of this server.`];
      case "invalid_request":
        return fieldText(named) ?? [message];
      default:
        return [`${message} ${next_step}`.trim()];
    }
  };
  return (error, byCode = false) => {
    if (error instanceof Unreachable)
      return { field: null, text: t`The server cannot be reached. Try again when it runs.`, wait: 0 };
    if (!(error instanceof ApiError)) return { field: null, text: String(error), wait: 0 };
    if (error.code === "too_many_attempts")
      return {
        field: null,
        text: "",
        wait: Math.max(1, Math.round(Number(error.problem.params.retry_after_s ?? 30))),
      };
    const [text, field = null] = refusal(error.problem, byCode);
    return { field, text, wait: 0 };
  };
}
