import { Trans, useLingui } from "@lingui/react/macro";
import { Monitor, Moon, Sun } from "lucide-react";
import { savePreferences, useMe } from "@/api/bootstrap";
import type { PreferencesPatch } from "@/api/types";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { LOCALES } from "@/i18n";
import { isMac } from "@/lib/keys";
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
