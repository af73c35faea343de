import { useLingui } from "@lingui/react/macro";
import type { PictureJobProps } from "./picture-job";

/** What is said of a picture's end. */
export function usePictureWords(): Record<Parameters<PictureJobProps["onDone"]>[0], string> {
  const { t } = useLingui();
  return {
    saved: t`The picture was saved`,
    too_long: t`This is too long for one picture. Select fewer messages, or export the chat as a web page.`,
    failed: t`The picture could not be made. Export the chat as a web page instead.`,
  };
}
