import "@/styles/palette.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { RotateCcw } from "lucide-react";
import { savePreferences } from "@/api/bootstrap";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { type Chosen, keysOf, rebind } from "@/features/commands/bindings";
import { COMMAND_IDS, COMMANDS, type CommandGroup, type CommandId } from "@/features/commands/catalogue";
import { useGroupNames } from "@/features/commands/group-names";
import { useChosenKeys } from "@/features/commands/use-keys";
import { Page } from "../page";
import { useSaved } from "../use-saved";
import { Recorder } from "./recorder";

const GROUPS: CommandGroup[] = ["general", "chat", "go", "look"];

/** Which keys run what. Everything here saves itself. */
export function ShortcutsPage() {
  const { t, i18n } = useLingui();
  const names = useGroupNames();
  const chosen = useChosenKeys();
  const [saved, save] = useSaved();
  const keep = (shortcuts: Chosen) => void save(savePreferences({ shortcuts }));
  const changed = (id: CommandId) => id in chosen;
  return (
    <Page
      title={<Trans>Shortcuts</Trans>}
      lead={<Trans>Click the keys of a command, then press others. For you alone, on every device.</Trans>}
      aside={saved}
    >
      {GROUPS.map((group) => (
        <section key={group} className="settings-group" aria-labelledby={`keys-${group}`}>
          <h2 id={`keys-${group}`} className="shortcut-group">
            {names[group]}
          </h2>
          {COMMAND_IDS.filter((id) => COMMANDS[id].group === group).map((id) => {
            const name = i18n._(COMMANDS[id].label);
            return (
              <div key={id} className="setting">
                <div className="setting-name grow">{name}</div>
                <div className="setting-control row">
                  {changed(id) ? (
                    <IconButton
                      label={t`Put back: ${name}`}
                      onClick={() => keep(rebind(id, COMMANDS[id].keys ?? "", chosen))}
                    >
                      <RotateCcw />
                    </IconButton>
                  ) : null}
                  <Recorder
                    id={id}
                    name={name}
                    keys={keysOf(id, chosen)}
                    chosen={chosen}
                    onKeys={(keys) => keep(rebind(id, keys, chosen))}
                  />
                </div>
              </div>
            );
          })}
        </section>
      ))}
      <div>
        <Button small disabled={Object.keys(chosen).length === 0} onClick={() => keep({})}>
          <Trans>Put all back</Trans>
        </Button>
      </div>
    </Page>
  );
}
