import type { Language } from "@/api/types";
import { activeLocale, type Locale } from "@/i18n";

const ALL: Language[] = ["en", "zh-Hans", "zh-Hant", "ja", "ko", "es", "fr", "de", "it", "pt", "ru", "ar"];
const OWN: Record<Locale, Language> = { en: "en", "zh-CN": "zh-Hans" };

/** What one can have a message in, one's own language first. */
export function languages(): { value: Language; label: string }[] {
  const own = OWN[activeLocale()];
  return [own, ...ALL.filter((one) => one !== own)].map((value) => ({ value, label: languageName(value) }));
}

/** As the reader's language calls it. */
export function languageName(language: Language): string {
  return new Intl.DisplayNames([activeLocale()], { type: "language" }).of(language) ?? language;
}
