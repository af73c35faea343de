import { lazy } from "react";
import { withCatalogue } from "@/i18n";

export const RunPanel = lazy(async () => {
  await withCatalogue("run");
  return { default: (await import("./panel")).RunPanel };
});
