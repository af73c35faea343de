import { withCatalogue } from "@/i18n";
import { part } from "@/lib/part";

/** Comes when somebody begins to talk without hands. */
export const TalkStrip = part(async () => {
  await withCatalogue("composer");
  const { TalkStrip: component } = await import("./talk-strip");
  return { default: component };
});
