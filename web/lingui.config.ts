import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

/** Catalogues per language: `app` is loaded at once, the others with the pages that need them. */
const playgroundPaths = ["src/features/playground"];
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
      exclude: [...settingsPaths, ...playgroundPaths].map((path) => `${path}/**`),
    },
    { path: "src/locales/{locale}/settings", include: settingsPaths },
    { path: "src/locales/{locale}/playground", include: playgroundPaths },
  ],
  format: formatter({ lineNumbers: false }),
  orderBy: "messageId",
});
