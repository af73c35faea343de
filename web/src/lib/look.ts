/** The look that a person chose, as attributes of <html>; /boot.js sets them again before the first paint. */
import type { Preferences } from "@/api/types";

const KEY = "freehold.look";

/** What is not as it comes. The styles of look.css answer to these. */
export function lookOf(preferences: Preferences): Record<string, string> {
  const { accent = "pine", font_size: size = "normal", density = "comfortable" } = preferences;
  const { code_theme: code = "house", calm = false } = preferences;
  const all = { accent, size, density, code, motion: calm ? "calm" : "full" };
  const usual = { accent: "pine", size: "normal", density: "comfortable", code: "house", motion: "full" };
  return Object.fromEntries(
    Object.entries(all).filter(([name, value]) => usual[name as keyof typeof usual] !== value),
  );
}

const ATTRIBUTES = ["accent", "size", "density", "code", "motion"];

/** Applies the look now and remembers it for the first paint of the next visit. */
export function applyLook(look: Record<string, string>): void {
  const { dataset } = document.documentElement;
  for (const name of ATTRIBUTES) {
    if (look[name]) dataset[name] = look[name];
    else delete dataset[name];
  }
  if (Object.keys(look).length) localStorage.setItem(KEY, JSON.stringify(look));
  else localStorage.removeItem(KEY);
}
