import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

/** Two catalogues per language: `app` is loaded at once, `settings` with the pages that need it. */
const settingsPaths = [
  "src/features/settings",
  "src/features/onboarding",
  "src/features/sign-in",
  "src/features/errors/rare",
];

export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "zh-CN"],
  catalogs: [
    {
      path: "src/locales/{locale}/app",
      include: ["src"],
      exclude: settingsPaths.map((path) => `${path}/**`),
    },
    { path: "src/locales/{locale}/settings", include: settingsPaths },
  ],
  format: formatter({ lineNumbers: false }),
  orderBy: "messageId",
});
