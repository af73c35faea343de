import { useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import { ApiError, Unreachable } from "@/api/errors";
import { loadRareSentences, useErrorText } from "@/features/errors/error-text";
import { Deaf } from "./dictation/ears";

/** Why nothing was written down, and what can be done. */
export function Why({ error, inHouse }: { error: unknown; inHouse: boolean }) {
  const { t } = useLingui();
  const errorText = useErrorText();
  useEffect(() => {
    void loadRareSentences();
  }, []);
  if (error instanceof Unreachable) return t`The server cannot be reached. Try again when it is there.`;
  if (error instanceof ApiError) return errorText(error.problem).what;
  if (!(error instanceof Deaf)) return t`The recording broke off. Try again.`;
  switch (error.why) {
    case "not_allowed":
      return t`The browser does not let this page hear you. Allow the microphone beside the address, then try again.`;
    case "no_microphone":
      return t`No microphone was found. Plug one in, then try again.`;
    case "not_secure":
      return t`Browsers give the microphone to secure pages alone. Open this server by https or on its own machine.`;
    case "no_network":
      return t`The browser's recognition cannot be reached. An administrator can name a model of this server for it.`;
    default:
      return inHouse
        ? t`This chat is kept in the house, and no model in the house writes down speech. An administrator can name one.`
        : t`This browser does not recognise speech. An administrator can name a model of this server for it.`;
  }
}
