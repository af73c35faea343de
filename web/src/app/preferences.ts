import { useEffect } from "react";
import { useMe } from "@/api/bootstrap";
import { activate, activeLocale, browserLocale, rememberLocale } from "@/i18n";
import { applyLook, lookOf } from "@/lib/look";
import { applyTheme } from "@/lib/theme";

/** Applies the stored preferences; they win over what the browser remembered for the first paint. */
export function usePreferences(): void {
  const { preferences } = useMe();
  const { language = null, theme = "system" } = preferences;
  const look = JSON.stringify(lookOf(preferences));
  useEffect(() => applyLook(JSON.parse(look)), [look]);
  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => {
    rememberLocale(language);
    const locale = language ?? browserLocale();
    if (locale !== activeLocale()) void activate(locale);
  }, [language]);
}
