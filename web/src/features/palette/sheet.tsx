import "@/styles/palette.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useMe } from "@/api/bootstrap";
import { Dialog } from "@/components/ui/dialog";
import { keysOf } from "@/features/commands/bindings";
import { COMMAND_IDS, COMMANDS, type CommandGroup } from "@/features/commands/catalogue";
import { useGroupNames } from "@/features/commands/group-names";
import { useChosenKeys } from "@/features/commands/use-keys";
import { keysLabel } from "@/lib/keys";

const GROUPS: CommandGroup[] = ["general", "chat", "go", "look"];

/** Every shortcut that there is. */
export function Sheet({ onClose }: { onClose: () => void }) {
  const { i18n } = useLingui();
  const chosen = useChosenKeys();
  const names = useGroupNames();
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={<Trans>Keyboard shortcuts</Trans>}
      footer={
        <Link
          to="/settings/$section"
          params={{ section: "shortcuts" }}
          className="btn btn-outline"
          onClick={onClose}
        >
          <Trans>Change shortcuts</Trans>
        </Link>
      }
    >
      <div className="key-sheet">
        {GROUPS.map((group) => {
          const bound = COMMAND_IDS.filter((id) => COMMANDS[id].group === group && keysOf(id, chosen));
          return bound.length === 0 && group !== "chat" ? null : (
            <section key={group}>
              <h3>{names[group]}</h3>
              <dl>
                {bound.map((id) => (
                  <Line key={id} name={i18n._(COMMANDS[id].label)} keys={keysLabel(keysOf(id, chosen))} />
                ))}
                {group === "chat" ? <Fixed /> : null}
              </dl>
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}

/** Keys that belong to a field and cannot be others. */
function Fixed() {
  const { t } = useLingui();
  const byMod = useMe().preferences.send_key === "mod_enter";
  return (
    <>
      <Line name={t`Send the message`} keys={keysLabel(byMod ? "mod+enter" : "enter")} />
      <Line name={t`New line`} keys={keysLabel(byMod ? "enter" : "shift+enter")} />
      <Line name={t`Favourite, in the list of models`} keys={keysLabel("mod+s")} />
    </>
  );
}

function Line({ name, keys }: { name: string; keys: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="keys">{keys}</dd>
    </div>
  );
}
