import { withCatalogue } from "@/i18n";
import { part } from "@/lib/part";

/** Comes with the first `/` or `@`. */
export const Suggest = part(async () => {
  await withCatalogue("composer");
  const { Suggest: component } = await import("./suggest");
  return { default: component };
});
