import { Trans, useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { type Chosen, commandsOn } from "@/features/commands/bindings";
import { COMMANDS, type CommandId } from "@/features/commands/catalogue";
import { chordOf, keysLabel } from "@/lib/keys";

/** Browsers carry these out themselves and tell no page. */
const OF_THE_BROWSER = /^mod\+(?:shift\+)?[tnw]$|^mod\+(?:shift\+)?tab$|^alt\+f4$/;

interface RecorderProps {
  id: CommandId;
  name: string;
  keys: string;
  chosen: Chosen;
  onKeys: (keys: string) => void;
}

/** The keys of a command as a button: pressed, it takes the next keys. Backspace takes them away, Escape leaves them. */
export function Recorder({ id, name, keys, chosen, onKeys }: RecorderProps) {
  const { t, i18n } = useLingui();
  const [listening, setListening] = useState(false);
  const [wanted, setWanted] = useState("");
  const [note, setNote] = useState("");
  const taken = commandsOn(wanted, chosen).find((other) => other !== id);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!listening) return;
    const chord = chordOf(event.nativeEvent);
    if (chord === "tab" || chord === "shift+tab") return; // the way out for whoever came by keyboard
    event.preventDefault();
    if (!chord) return;
    const label = keysLabel(chord);
    if (OF_THE_BROWSER.test(chord)) {
      setNote(t`The browser keeps ${label} for itself.`);
      return;
    }
    setListening(false);
    setNote("");
    if (chord === "escape") return;
    if (chord === "backspace") onKeys("");
    else if (commandsOn(chord, chosen).some((other) => other !== id)) setWanted(chord);
    else onKeys(chord);
  };
  const label = keysLabel(keys);
  const asked = keysLabel(wanted);
  return (
    <>
      {note ? (
        <span className="field-error" role="alert">
          {note}
        </span>
      ) : null}
      <Button
        small
        className="recorder"
        aria-pressed={listening}
        aria-label={listening ? t`Press keys for: ${name}` : t`${name}: ${label || t`no keys`}`}
        onClick={() => setListening(true)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          setListening(false);
          setNote("");
        }}
      >
        {listening ? <Trans>Press keys</Trans> : label || <span className="hint">{t`no keys`}</span>}
      </Button>
      <Confirm
        open={taken !== undefined}
        onOpenChange={() => setWanted("")}
        title={<Trans>{asked} is taken</Trans>}
        action={<Trans>Use it here</Trans>}
        onConfirm={() => onKeys(wanted)}
      >
        {taken ? (
          <Trans>It runs “{i18n._(COMMANDS[taken].label)}”, which would have no keys then.</Trans>
        ) : null}
      </Confirm>
    </>
  );
}
