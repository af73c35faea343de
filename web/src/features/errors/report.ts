import { useLingui } from "@lingui/react/macro";
import { useCallback } from "react";
import { ApiError, StillSignedIn, StorageFailed, Unreachable } from "@/api/errors";
import { toast } from "@/components/ui/toast";
import { loadRareSentences, useErrorText } from "./error-text";

/** Says in a toast why something did not work. For `.catch(report)`. */
export function useReport(): (error: unknown) => void {
  const { t } = useLingui();
  const errorText = useErrorText();
  return useCallback(
    (error: unknown) => {
      if (error instanceof StillSignedIn)
        toast(
          t`The server cannot be reached, so you are still signed in. Chats and waiting messages on this device are erased. Sign out again when the server is back.`,
          { failed: true },
        );
      else if (error instanceof Unreachable)
        toast(t`The server cannot be reached. Nothing was changed.`, { failed: true });
      else if (error instanceof ApiError)
        void loadRareSentences().then(() => toast(errorText(error.problem).what, { failed: true }));
      else if (error instanceof StorageFailed)
        toast(
          t`The storage of this browser failed, so chats may still be on this device. Freehold erases them when it is next opened here; clearing the data of this site in the browser does it at once.`,
          { failed: true },
        );
      else throw error;
    },
    [t, errorText],
  );
}
