// Sets theme and language before the first paint. Classic script: it must run before the body exists.
(() => {
  const root = document.documentElement;
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is blocked: fall back to what the browser prefers
    }
  };
  const theme = stored("freehold.theme");
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  const locale = stored("freehold.locale");
  root.lang = locale || (/^zh\b/i.test(navigator.language) ? "zh-CN" : "en");
  try {
    Object.assign(root.dataset, JSON.parse(stored("freehold.look") ?? "{}"));
  } catch {
    // what is kept there is broken: the app writes it anew
  }
  if (stored("freehold.sidebar") === "closed") root.dataset.sidebar = "closed";
})();
