import { useNavigate, useParams, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect, useEffectEvent, useLayoutEffect } from "react";
import { savePreferences, useMe } from "@/api/bootstrap";
import type { PreferencesPatch } from "@/api/types";
import { useReport } from "@/features/errors/report";
import { belongsTo, chordOf } from "@/lib/keys";
import { part } from "@/lib/part";
import { commandsOn } from "./bindings";
import { useCentre } from "./centre";
import { offerOf, useCommand } from "./registry";
import { useChosenKeys } from "./use-keys";

const Palette = part(() =>
  import("@/features/palette/palette").then(({ Palette }) => ({ default: Palette })),
);
const Sheet = part(() => import("@/features/palette/sheet").then(({ Sheet }) => ({ default: Sheet })));

/** Hears the keys on every page of a signed-in person, and shows the palette and the sheet of shortcuts. */
export function CommandCentre() {
  const { shown, show } = useCentre();
  useKeyboard();
  useEverywhere();
  return (
    <Suspense fallback={shown === "palette" || shown === "models" ? <Early /> : null}>
      {shown === "palette" || shown === "models" ? (
        <Palette start={shown} onClose={() => show(null)} />
      ) : shown === "sheet" ? (
        <Sheet onClose={() => show(null)} />
      ) : null}
    </Suspense>
  );
}

/** While the palette is fetched, what is typed is meant for it and not for the message field. */
function Early() {
  const typeEarly = useCentre((state) => state.typeEarly);
  useLayoutEffect(() => {
    const take = (event: KeyboardEvent) => {
      if (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      typeEarly(event.key);
    };
    window.addEventListener("keydown", take, true);
    return () => window.removeEventListener("keydown", take, true);
  }, [typeEarly]);
  return null;
}

function useKeyboard(): void {
  const chosen = useChosenKeys();
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented) return;
    const chord = chordOf(event);
    if (!chord || belongsTo(event.target, chord) || document.querySelector("[aria-modal=true], .dialog-box"))
      return;
    const offer = commandsOn(chord, chosen).map(offerOf).find(Boolean);
    if (!offer) return;
    event.preventDefault();
    offer.run();
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => press(event);
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

const composerText = () => document.querySelector<HTMLTextAreaElement>(".composer-text");

/** The commands that do not depend on a page. */
function useEverywhere(): void {
  const navigate = useNavigate();
  const report = useReport();
  const { show } = useCentre();
  const { role } = useMe();
  const { threadId } = useParams({ strict: false });
  const path = useRouterState({ select: (state) => state.location.pathname });
  const chat = path === "/" || threadId !== undefined;
  const look = (patch: PreferencesPatch) => () => void savePreferences(patch).catch(report);

  useCommand("palette.open", () => show("palette"));
  useCommand("shortcuts.show", () => show("sheet"));
  useCommand("chat.new", () => void navigate({ to: "/" }));
  useCommand("model.switch", chat ? () => show("models") : null);
  useCommand("composer.focus", chat ? () => composerText()?.focus() : null);
  useCommand("theme.light", look({ theme: "light" }));
  useCommand("theme.dark", look({ theme: "dark" }));
  useCommand("theme.system", look({ theme: "system" }));
  useCommand("language.en", look({ language: "en" }));
  useCommand("language.zh", look({ language: "zh-CN" }));
  useCommand("go.chats", () => void navigate({ to: "/chats" }));
  useCommand("go.pictures", () => void navigate({ to: "/pictures" }));
  useCommand("go.playground", () => void navigate({ to: "/playground" }));
  const go = (section: string) => () => void navigate({ to: "/settings/$section", params: { section } });
  const house = (section: string) => (role === "admin" ? go(section) : null);
  useCommand("go.general", go("general"));
  useCommand("go.shortcuts", go("shortcuts"));
  useCommand("go.account", go("account"));
  useCommand("go.memory", go("memory"));
  useCommand("go.keys", go("keys"));
  useCommand("go.prompts", go("prompts"));
  useCommand("go.usage", go("usage"));
  useCommand("go.providers", house("providers"));
  useCommand("go.health", house("health"));
  useCommand("go.faq", house("faq"));
  useCommand("go.people", house("people"));
  useCommand("go.groups", house("groups"));
  useCommand("go.limits", house("limits"));
  useCommand("go.system", house("system"));
}
