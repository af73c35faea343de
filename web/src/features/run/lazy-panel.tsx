import { withCatalogue } from "@/i18n";
import { part } from "@/lib/part";

export const RunPanel = part(async () => {
  await withCatalogue("run");
  return { default: (await import("./panel")).RunPanel };
});
