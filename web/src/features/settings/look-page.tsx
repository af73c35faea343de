import { Trans, useLingui } from "@lingui/react/macro";
import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { savePreferences, useMe } from "@/api/bootstrap";
import type { PreferencesPatch } from "@/api/types";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { LOCALES } from "@/i18n";
import { isMac } from "@/lib/keys";
import { askToNotify } from "@/lib/notify";
import { Choice } from "./choice";
import { Page, Setting } from "./page";
import { useSaved } from "./use-saved";

/** Language, theme and handling. Everything here saves itself. */
export function LookPage() {
  const { t } = useLingui();
  const { preferences } = useMe();
  const [saved, save] = useSaved();
  const choose = (patch: PreferencesPatch) => void save(savePreferences(patch));
  const mod = isMac ? "⌘ Enter" : "Ctrl Enter";
  const byMod = preferences.send_key === "mod_enter";
  return (
    <Page
      title={<Trans>Look and language</Trans>}
      lead={<Trans>For you alone, on every device you sign in on.</Trans>}
      aside={saved}
    >
      <section className="settings-group">
        <Setting name={<Trans>Language</Trans>}>
          <Select
            label={t`Language`}
            value={preferences.language ?? "browser"}
            onChange={(value) => choose({ language: value === "browser" ? null : value })}
            options={[
              { value: "browser" as const, label: t`Match browser` },
              ...LOCALES.map(({ value, name }) => ({ value, label: name })),
            ]}
          />
        </Setting>
        <Setting name={<Trans>Theme</Trans>}>
          <Choice
            label={t`Theme`}
            value={preferences.theme}
            onChange={(theme) => choose({ theme })}
            options={[
              { value: "system", label: t`Match system`, icon: <Monitor className="i-14" /> },
              { value: "light", label: t`Light`, icon: <Sun className="i-14" /> },
              { value: "dark", label: t`Dark`, icon: <Moon className="i-14" /> },
            ]}
          />
        </Setting>
        <Setting name={<Trans>Accent</Trans>}>
          <Choice
            label={t`Accent`}
            value={preferences.accent ?? "pine"}
            onChange={(accent) => choose({ accent })}
            options={[
              { value: "pine", label: t`Pine`, icon: <i className="swatch" data-accent="pine" /> },
              { value: "lagoon", label: t`Lagoon`, icon: <i className="swatch" data-accent="lagoon" /> },
              { value: "heather", label: t`Heather`, icon: <i className="swatch" data-accent="heather" /> },
              { value: "plum", label: t`Plum`, icon: <i className="swatch" data-accent="plum" /> },
              { value: "ink", label: t`Ink`, icon: <i className="swatch" data-accent="ink" /> },
            ]}
          />
        </Setting>
        <Setting name={<Trans>Text size</Trans>}>
          <Choice
            label={t`Text size`}
            value={preferences.font_size ?? "normal"}
            onChange={(font_size) => choose({ font_size })}
            options={[
              { value: "small", label: t`Small` },
              { value: "normal", label: t`Normal` },
              { value: "large", label: t`Large` },
              { value: "larger", label: t`Larger` },
            ]}
          />
        </Setting>
        <Setting name={<Trans>Density</Trans>}>
          <Choice
            label={t`Density`}
            value={preferences.density ?? "comfortable"}
            onChange={(density) => choose({ density })}
            options={[
              { value: "comfortable", label: t`Comfortable` },
              { value: "compact", label: t`Compact` },
            ]}
          />
        </Setting>
        <Setting name={<Trans>Colours of code</Trans>}>
          <Choice
            label={t`Colours of code`}
            value={preferences.code_theme ?? "house"}
            onChange={(code_theme) => choose({ code_theme })}
            options={[
              { value: "house", label: "Freehold" },
              { value: "github", label: "GitHub" },
              { value: "mono", label: t`Ink only` },
            ]}
          />
        </Setting>
        <Setting
          name={<Trans>Less motion</Trans>}
          hint={<Trans>Nothing moves or fades, whatever the system says.</Trans>}
        >
          <Switch
            label={t`Less motion`}
            checked={preferences.calm ?? false}
            onChange={(calm) => choose({ calm })}
          />
        </Setting>
        <Setting
          name={<Trans>Fold long chats</Trans>}
          hint={
            <Trans>
              When a chat fills most of a model's memory, its middle is folded into a summary, by a model in
              the house.
            </Trans>
          }
        >
          <Switch
            label={t`Fold long chats`}
            checked={preferences.fold_chats ?? true}
            onChange={(fold_chats) => choose({ fold_chats })}
          />
        </Setting>
        <Notices on={preferences.notify ?? false} save={save} />
        <Setting
          name={<Trans>Send with</Trans>}
          hint={
            byMod ? <Trans>Enter starts a new line.</Trans> : <Trans>Shift Enter starts a new line.</Trans>
          }
        >
          <Choice
            label={t`Send with`}
            value={preferences.send_key}
            onChange={(send_key) => choose({ send_key })}
            options={[
              { value: "enter", label: "Enter" },
              { value: "mod_enter", label: mod },
            ]}
          />
        </Setting>
        <Setting
          name={<Trans>Wide column</Trans>}
          hint={<Trans>More room for tables and code, longer lines to read.</Trans>}
        >
          <Switch label={t`Wide column`} checked={preferences.wide} onChange={(wide) => choose({ wide })} />
        </Setting>
      </section>
    </Page>
  );
}

interface NoticesProps {
  on: boolean;
  save: (work: Promise<unknown>) => Promise<boolean>;
}

/** Turned on by a click, which is when a browser may be asked. */
function Notices({ on, save }: NoticesProps) {
  const { t } = useLingui();
  const [refused, setRefused] = useState(false);
  const turn = async (notify: boolean) => {
    setRefused(notify && !(await askToNotify()));
    await save(savePreferences({ notify }));
  };
  return (
    <Setting
      name={<Trans>Tell me when a long answer is there</Trans>}
      hint={
        refused ? (
          <Trans>
            This browser shows no notices here: only a dot on the tab. Its settings for this page allow them.
          </Trans>
        ) : (
          <Trans>When another tab or window is in front.</Trans>
        )
      }
    >
      <Switch
        label={t`Tell me when a long answer is there`}
        checked={on}
        onChange={(value) => void turn(value)}
      />
    </Setting>
  );
}
