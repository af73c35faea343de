/** The theme: `data-theme` on <html> is the only switch; /boot.js sets it before the first paint. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen: Theme = "system";

function paint(): void {
  const isDark = chosen === "dark" || (chosen === "system" && dark.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

/** Applies `theme` now and remembers it for the first paint of the next visit. */
export function applyTheme(theme: Theme): void {
  chosen = theme;
  if (theme === "system") localStorage.removeItem("freehold.theme");
  else localStorage.setItem("freehold.theme", theme);
  paint();
}

dark.addEventListener("change", paint);

/** The theme in effect. */
export function useThemeName(): "light" | "dark" {
  return useSyncExternalStore(
    (changed) => {
      const observer = new MutationObserver(changed);
      observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
      return () => observer.disconnect();
    },
    () => (document.documentElement.dataset.theme === "dark" ? "dark" : "light"),
  );
}
