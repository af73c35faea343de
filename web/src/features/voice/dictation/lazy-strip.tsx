import { withCatalogue } from "@/i18n";
import { part } from "@/lib/part";

/** Comes with the first press of the microphone. */
export const DictationStrip = part(async () => {
  await withCatalogue("composer");
  const { DictationStrip: component } = await import("./strip");
  return { default: component };
});
