/** The languages of the app. Only the catalogue of the active one is loaded. */
import { i18n, type Messages } from "@lingui/core";

export type Locale = "en" | "zh-CN";
export const LOCALES: { value: Locale; name: string }[] = [
  { value: "en", name: "English" },
  { value: "zh-CN", name: "简体中文" },
];

type Loader = () => Promise<{ messages: Messages }>;
/** `app` comes with the first page, `settings` with settings, onboarding and sign-in, `playground` with it and with keys. */
const catalogues: Record<"app" | "settings" | "playground", Record<Locale, Loader>> = {
  app: {
    en: () => import("../locales/en/app.po"),
    "zh-CN": () => import("../locales/zh-CN/app.po"),
  },
  settings: {
    en: () => import("../locales/en/settings.po"),
    "zh-CN": () => import("../locales/zh-CN/settings.po"),
  },
  playground: {
    en: () => import("../locales/en/playground.po"),
    "zh-CN": () => import("../locales/zh-CN/playground.po"),
  },
};
const wanted = new Set<keyof typeof catalogues>(["app"]);

async function load(name: keyof typeof catalogues, locale: Locale): Promise<void> {
  const { messages } = await catalogues[name][locale]();
  i18n.load(locale, messages);
}

/** Switches the whole app to `locale`, and remembers it for the first paint of the next visit. */
export async function activate(locale: Locale): Promise<void> {
  await Promise.all([...wanted].map((name) => load(name, locale)));
  i18n.activate(locale);
  document.documentElement.lang = locale;
}

export function rememberLocale(locale: Locale | null): void {
  if (locale) localStorage.setItem("freehold.locale", locale);
  else localStorage.removeItem("freehold.locale");
}

/** What /boot.js chose: the remembered language, else the browser's. */
export function bootLocale(): Locale {
  return document.documentElement.lang === "zh-CN" ? "zh-CN" : "en";
}

export function browserLocale(): Locale {
  return /^zh\b/i.test(navigator.language) ? "zh-CN" : "en";
}

export function activeLocale(): Locale {
  return i18n.locale === "zh-CN" ? "zh-CN" : "en";
}

/** Loads the strings of a lazy page before it is drawn; stays loaded across language switches. */
export async function withCatalogue(name: keyof typeof catalogues): Promise<void> {
  if (wanted.has(name)) return;
  wanted.add(name);
  await load(name, activeLocale());
  i18n.activate(i18n.locale);
}
