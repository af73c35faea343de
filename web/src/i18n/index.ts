/** The languages of the app. Only the catalogue of the active one is loaded. */
import { i18n, type Messages } from "@lingui/core";
import { patiently } from "@/lib/part";

export type Locale = "en" | "zh-CN";
export const LOCALES: { value: Locale; name: string }[] = [
  { value: "en", name: "English" },
  { value: "zh-CN", name: "简体中文" },
];

type Loader = () => Promise<{ messages: Messages }>;
/** `app` comes with the first page, `welcome` with the ways to a first model and with settings, `settings` with them and sign-in, `playground` with it and with keys, `moving` with export, import and share, the list of chats and the pictures, `composer` with prompts and what opens in the composer, `run` with the first output of a code block or the first component. */
const catalogues: Record<
  "app" | "settings" | "welcome" | "moving" | "playground" | "composer" | "run",
  Record<Locale, Loader>
> = {
  app: {
    en: () => import("../locales/en/app.po"),
    "zh-CN": () => import("../locales/zh-CN/app.po"),
  },
  settings: {
    en: () => import("../locales/en/settings.po"),
    "zh-CN": () => import("../locales/zh-CN/settings.po"),
  },
  welcome: {
    en: () => import("../locales/en/welcome.po"),
    "zh-CN": () => import("../locales/zh-CN/welcome.po"),
  },
  moving: {
    en: () => import("../locales/en/moving.po"),
    "zh-CN": () => import("../locales/zh-CN/moving.po"),
  },
  composer: {
    en: () => import("../locales/en/composer.po"),
    "zh-CN": () => import("../locales/zh-CN/composer.po"),
  },
  run: {
    en: () => import("../locales/en/run.po"),
    "zh-CN": () => import("../locales/zh-CN/run.po"),
  },
  playground: {
    en: () => import("../locales/en/playground.po"),
    "zh-CN": () => import("../locales/zh-CN/playground.po"),
  },
};
type Name = keyof typeof catalogues;
const wanted = new Set<Name>(["app"]);
const loads = new Map<string, Promise<void>>();
/** The language that is shown as soon as its strings are here. */
let next: Locale | null = null;

/** Resolves when the strings are there, also for whoever asks while they are on their way. */
function load(name: Name, locale: Locale): Promise<void> {
  const key = `${name}.${locale}`;
  const known = loads.get(key);
  if (known) return known;
  const loading = patiently(catalogues[name][locale]).then(({ messages }) => i18n.load(locale, messages));
  loads.set(key, loading);
  loading.catch(() => loads.delete(key)); // the next one to ask tries again
  return loading;
}

/** Switches the whole app to `locale`, once everything that is wanted by then is there. */
export async function activate(locale: Locale): Promise<void> {
  next = locale;
  let there = 0;
  while (there < wanted.size) {
    there = wanted.size;
    await Promise.all([...wanted].map((name) => load(name, locale)));
  }
  if (next !== locale) return; // another one was chosen meanwhile
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

/** Loads the strings of a lazy page before it is drawn; they stay loaded across language switches. */
export async function withCatalogue(name: Name): Promise<void> {
  wanted.add(name);
  const shown = activeLocale();
  await Promise.all([load(name, shown), load(name, next ?? shown)]);
  i18n.activate(i18n.locale);
}
