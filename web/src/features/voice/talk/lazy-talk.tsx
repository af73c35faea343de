import { lazy } from "react";
import { withCatalogue } from "@/i18n";

/** Comes when somebody begins to talk without hands. */
export const TalkStrip = lazy(async () => {
  await withCatalogue("composer");
  const { TalkStrip: component } = await import("./talk-strip");
  return { default: component };
});
