import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import {
  ChevronsUpDown,
  Languages,
  LogOut,
  Monitor,
  Moon,
  Settings,
  SquareTerminal,
  Sun,
} from "lucide-react";
import { signOut, useBootstrap, useMe, useSavePreferences } from "@/api/bootstrap";
import { Menu, MenuChoice, MenuItem, MenuLine } from "@/components/ui/menu";
import { useReport } from "@/features/errors/report";
import { activeLocale, LOCALES } from "@/i18n";

/** Settings, theme, language and the way out. */
export function AccountMenu() {
  const { t } = useLingui();
  const report = useReport();
  const me = useMe();
  const name = me.name || t`You`;
  const { mode } = useBootstrap();
  const save = useSavePreferences();
  const choose = (patch: Parameters<typeof save.mutate>[0]) => save.mutate(patch, { onError: report });
  return (
    <Menu
      side="top"
      align="start"
      trigger={
        <button type="button" className="side-row h-11">
          <span className="visually-hidden">{t`Account and settings, ${name}`}</span>
          <span className="avatar" aria-hidden="true">
            {Array.from(name)[0]?.toUpperCase()}
          </span>
          <span className="clip" aria-hidden="true">
            {name}
          </span>
          <span className="meta">
            <ChevronsUpDown className="i-14" />
          </span>
        </button>
      }
    >
      <MenuItem icon={<Settings />} render={<Link to="/settings/$section" params={{ section: "general" }} />}>
        <Trans>Settings</Trans>
      </MenuItem>
      <MenuItem icon={<SquareTerminal />} render={<Link to="/playground" />}>
        <Trans>Playground</Trans>
      </MenuItem>
      <MenuLine />
      <MenuChoice
        label={t`Theme`}
        value={me.preferences.theme}
        onChange={(theme) => choose({ theme })}
        options={[
          { value: "system", label: t`Match system`, icon: <Monitor /> },
          { value: "light", label: t`Light`, icon: <Sun /> },
          { value: "dark", label: t`Dark`, icon: <Moon /> },
        ]}
      />
      <MenuLine />
      <MenuChoice
        label={t`Language`}
        value={activeLocale()}
        onChange={(language) => choose({ language })}
        options={LOCALES.map(({ value, name }) => ({ value, label: name, icon: <Languages /> }))}
      />
      {mode === "accounts" ? (
        <>
          <MenuLine />
          <MenuItem icon={<LogOut />} onSelect={() => void signOut().catch(report)}>
            <Trans>Sign out</Trans>
          </MenuItem>
        </>
      ) : null}
    </Menu>
  );
}
