import { lazy } from "react";
import { withCatalogue } from "@/i18n";

/** Comes with the first `/` or `@`. */
export const Suggest = lazy(async () => {
  await withCatalogue("composer");
  const { Suggest: component } = await import("./suggest");
  return { default: component };
});
