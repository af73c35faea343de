import { lazy } from "react";
import { withCatalogue } from "@/i18n";

/** Comes with the first press of the microphone. */
export const DictationStrip = lazy(async () => {
  await withCatalogue("composer");
  const { DictationStrip: component } = await import("./strip");
  return { default: component };
});
