import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

/** Catalogues per language: `app` is loaded at once, the others with the pages that need them. */
const playgroundPaths = ["src/features/playground"];
const movingPaths = [
  "src/features/moving",
  "src/features/chats",
  "src/features/gallery",
  "src/features/picture-export/picture-job.tsx",
];
const composerPaths = [
  "src/features/prompts",
  "src/features/chat/composer/suggest",
  "src/features/chat/composer/parameters/panel.tsx",
  "src/features/chat/composer/parameters/picture-fields.tsx",
  "src/features/voice/dictation/strip.tsx",
  "src/features/voice/talk",
  "src/features/voice/why.tsx",
  "src/features/voice/voice-page.tsx",
];
const runPaths = [
  "src/features/run/panel.tsx",
  "src/features/run/status.tsx",
  "src/features/artifacts/react",
];
const welcomePaths = [
  "built-in-way.tsx",
  "key-way.tsx",
  "ollama-way.tsx",
  "suggestions.tsx",
  "way.tsx",
  "welcome.tsx",
].map((file) => `src/features/onboarding/${file}`);
/** Of the settings, and drawn by the ways to a first model as well. */
const providerPaths = ["failure.ts", "key-field.tsx", "outcome.tsx", "pull-progress.tsx"].map(
  (file) => `src/features/settings/providers/${file}`,
);
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
      exclude: [...settingsPaths, ...playgroundPaths, ...movingPaths, ...composerPaths, ...runPaths].map(
        (path) => (path.endsWith(".tsx") ? path : `${path}/**`),
      ),
    },
    {
      path: "src/locales/{locale}/settings",
      include: settingsPaths,
      exclude: [...welcomePaths, ...providerPaths],
    },
    { path: "src/locales/{locale}/welcome", include: [...welcomePaths, ...providerPaths] },
    { path: "src/locales/{locale}/playground", include: playgroundPaths },
    { path: "src/locales/{locale}/moving", include: movingPaths },
    { path: "src/locales/{locale}/composer", include: composerPaths },
    { path: "src/locales/{locale}/run", include: runPaths },
  ],
  format: formatter({ lineNumbers: false }),
  orderBy: "messageId",
});
