import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { savePreferences, useMe } from "@/api/bootstrap";
import type { PreferencesPatch, VoiceInfo } from "@/api/types";
import { useVoice } from "@/api/voice";
import { Select } from "@/components/ui/select";
import { Choice } from "@/features/settings/choice";
import { Loaded, Page, Setting } from "@/features/settings/page";
import { useSaved } from "@/features/settings/use-saved";
import { whoSpeaks } from "./choose";

const RATES = [0.75, 1, 1.25, 1.5, 2];

/** Who listens, who reads aloud, with which voice and how fast. */
export function VoicePage() {
  const query = useVoice();
  const [saved, save] = useSaved();
  return (
    <Page
      title={<Trans>Voice</Trans>}
      lead={<Trans>Dictation in the message field, and answers that are read aloud.</Trans>}
      aside={saved}
    >
      <Loaded query={query} bones={[60, 44, 52]}>
        {(info) => <Settings info={info} choose={(patch) => void save(savePreferences(patch))} />}
      </Loaded>
    </Page>
  );
}

interface SettingsProps {
  info: VoiceInfo;
  choose: (patch: PreferencesPatch) => void;
}

function Settings({ info, choose }: SettingsProps) {
  const { t, i18n } = useLingui();
  const { dictation = "auto", reading = "auto", voice, speech_rate: rate = 1 } = useMe().preferences;
  const options = (model: VoiceInfo["speech"]) => [
    { value: "auto" as const, label: t`Automatic` },
    { value: "server" as const, label: t`This server`, disabled: model === null },
    { value: "browser" as const, label: t`The browser` },
  ];
  const byServer = whoSpeaks(reading, info.speech, false) === "server";
  const own = useBrowserVoices();
  const voices = byServer ? info.voices : own.map(({ name }) => name);
  const named = voices.includes(voice ?? "") ? (voice ?? "") : "";
  return (
    <section className="settings-group">
      <Setting
        name={<Trans>Who writes down what you say</Trans>}
        hint={<Hint model={info.transcription} listens />}
      >
        <Choice
          label={t`Who writes down what you say`}
          value={dictation}
          onChange={(value) => choose({ dictation: value })}
          options={options(info.transcription)}
        />
      </Setting>
      <Setting name={<Trans>Who reads aloud</Trans>} hint={<Hint model={info.speech} />}>
        <Choice
          label={t`Who reads aloud`}
          value={reading}
          onChange={(value) => choose({ reading: value })}
          options={options(info.speech)}
        />
      </Setting>
      <Setting name={<Trans>Voice</Trans>}>
        <Select
          label={t`Voice`}
          value={named}
          onChange={(value) => choose({ voice: value || null })}
          options={[
            { value: "", label: byServer ? t`The usual one` : t`One for the language` },
            ...voices.map((name) => ({ value: name, label: name })),
          ]}
        />
      </Setting>
      <Setting name={<Trans>Speed</Trans>}>
        <Select
          label={t`Speed`}
          value={String(rate)}
          onChange={(value) => choose({ speech_rate: Number(value) })}
          options={RATES.map((value) => ({ value: String(value), label: `${i18n.number(value)}×` }))}
        />
      </Setting>
    </section>
  );
}

function Hint({ model, listens }: { model: VoiceInfo["speech"]; listens?: boolean }) {
  if (model?.self_hosted)
    return <Trans>This server has a model for it, {model.name}, which runs in the house.</Trans>;
  if (model) return <Trans>This server has a model for it, {model.name}, which runs outside.</Trans>;
  return listens ? (
    <Trans>This server has no model for it. A browser may send what it hears to its maker.</Trans>
  ) : (
    <Trans>This server has no model for it, so the browser reads.</Trans>
  );
}

/** Browsers tell their voices a moment after the page was opened. */
function useBrowserVoices(): SpeechSynthesisVoice[] {
  const [voices, setVoices] = useState(() => window.speechSynthesis?.getVoices() ?? []);
  useEffect(() => {
    const speech = window.speechSynthesis;
    if (!speech) return;
    const refresh = () => setVoices(speech.getVoices());
    refresh();
    speech.addEventListener("voiceschanged", refresh);
    return () => speech.removeEventListener("voiceschanged", refresh);
  }, []);
  return voices;
}
