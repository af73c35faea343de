import { withCatalogue } from "@/i18n";
import { part } from "@/lib/part";

/** With the compiler: it comes when the first component is looked at. */
export const ComponentPreview = part(async () => {
  await withCatalogue("run");
  return { default: (await import("./preview")).ComponentPreview };
});
