/** Who listens and who reads: the server's model or the browser. */
import type { Preferences, VoiceInfo } from "@/api/types";

type Model = VoiceInfo["speech"];

/**
 * By the preference; on its own the server's model where there is one, because a browser may send what it hears to its
 * maker. A chat that is kept in the house takes a model in the house, else what the browser does on this machine alone.
 */
export function whoSpeaks(
  preference: Preferences["reading"],
  model: Model,
  inHouse: boolean,
): "server" | "browser" {
  // whoever asked for the server alone is not given to the browser, but told that the server has no model
  if (model === null && preference === "server") return "server";
  const usable = model !== null && (!inHouse || model.self_hosted);
  return usable && preference !== "browser" ? "server" : "browser";
}

/** The browser's own voice for a language: the one that was chosen, else one of this machine, else any. */
export function browserVoice<V extends Pick<SpeechSynthesisVoice, "name" | "lang" | "localService">>(
  voices: V[],
  language: string,
  chosen: string | null | undefined,
  inHouse: boolean,
): V | undefined {
  const allowed = inHouse ? voices.filter((voice) => voice.localService) : voices;
  const spoken = language.slice(0, 2).toLowerCase();
  const fitting = allowed.filter(({ lang }) => lang.toLowerCase().startsWith(spoken));
  return (
    allowed.find(({ name }) => name === chosen) ??
    fitting.find(({ lang }) => lang.replace("_", "-").toLowerCase() === language.toLowerCase()) ??
    fitting.find((voice) => voice.localService) ??
    fitting[0]
  );
}
