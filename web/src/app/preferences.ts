import { useEffect } from "react";
import { useMe } from "@/api/bootstrap";
import { activate, activeLocale, browserLocale, rememberLocale } from "@/i18n";
import { applyTheme } from "@/lib/theme";

/** Applies the stored preferences; they win over what the browser remembered for the first paint. */
export function usePreferences(): void {
  const { language = null, theme = "system" } = useMe().preferences;
  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => {
    rememberLocale(language);
    const locale = language ?? browserLocale();
    if (locale !== activeLocale()) void activate(locale);
  }, [language]);
}
