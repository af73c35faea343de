import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import {
  Activity,
  ArrowLeft,
  ArrowLeftRight,
  Bookmark,
  ChartColumn,
  CircleUserRound,
  FlaskConical,
  Gauge,
  HeartPulse,
  Keyboard,
  KeyRound,
  MessageCircleQuestionMark,
  Mic,
  NotebookText,
  Palette,
  PiggyBank,
  Plug,
  Split,
  Swords,
  UserRound,
  UsersRound,
} from "lucide-react";
import type { ReactNode } from "react";
import { useMe } from "@/api/bootstrap";

interface Entry {
  section: string;
  icon: ReactNode;
  name: ReactNode;
}

/** The sections that there are; those of the house for administrators only. */
export function SettingsNav({ current, alone }: { current: string | undefined; alone?: boolean }) {
  const { t } = useLingui();
  const me = useMe();
  const name = me.name || t`You`;
  const yours: Entry[] = [
    { section: "account", icon: <CircleUserRound />, name: <Trans>Account</Trans> },
    { section: "general", icon: <Palette />, name: <Trans>Look and language</Trans> },
    { section: "memory", icon: <Bookmark />, name: <Trans>Memory</Trans> },
    { section: "shortcuts", icon: <Keyboard />, name: <Trans>Shortcuts</Trans> },
    { section: "prompts", icon: <NotebookText />, name: <Trans>Prompts</Trans> },
    { section: "tests", icon: <FlaskConical />, name: <Trans>Test sets</Trans> },
    { section: "arena", icon: <Swords />, name: <Trans>Arena</Trans> },
    { section: "voice", icon: <Mic />, name: <Trans>Voice</Trans> },
    { section: "keys", icon: <KeyRound />, name: <Trans>API keys</Trans> },
    { section: "moving", icon: <ArrowLeftRight />, name: <Trans>Import and export</Trans> },
    { section: "usage", icon: <ChartColumn />, name: <Trans>Usage</Trans> },
    { section: "savings", icon: <PiggyBank />, name: <Trans>Savings</Trans> },
  ];
  const house: Entry[] = [
    { section: "providers", icon: <Plug />, name: <Trans>Providers</Trans> },
    { section: "routing", icon: <Split />, name: <Trans>Routing</Trans> },
    { section: "faq", icon: <MessageCircleQuestionMark />, name: <Trans>Frequent questions</Trans> },
    { section: "health", icon: <HeartPulse />, name: <Trans>Health</Trans> },
    { section: "people", icon: <UserRound />, name: <Trans>People</Trans> },
    { section: "groups", icon: <UsersRound />, name: <Trans>Groups</Trans> },
    { section: "limits", icon: <Gauge />, name: <Trans>Limits</Trans> },
    { section: "system", icon: <Activity />, name: <Trans>System</Trans> },
  ];
  const Frame = alone ? "main" : "aside";
  return (
    <Frame className="sidebar settings-nav" aria-label={t`Settings`}>
      <div className="sidebar-top">
        <Link className="side-row" to="/">
          <ArrowLeft />
          <Trans>Back to chats</Trans>
        </Link>
        {alone ? (
          <h1 className="serif settings-title">
            <Trans>Settings</Trans>
          </h1>
        ) : null}
      </div>
      <nav className="side-list scroll" aria-label={t`Sections`}>
        <h2 className="side-group">
          <Trans>You</Trans>
        </h2>
        <Entries entries={yours} current={current} />
        {me.role === "admin" ? (
          <>
            <h2 className="side-group">
              <Trans>House</Trans>
            </h2>
            <Entries entries={house} current={current} />
          </>
        ) : null}
      </nav>
      <div className="side-foot">
        <div className="side-row h-11">
          <span className="avatar" aria-hidden="true">
            {Array.from(name)[0]?.toUpperCase()}
          </span>
          <span className="clip">{name}</span>
          <span className="meta">
            {me.role === "admin" ? <Trans>Administrator</Trans> : <Trans>Member</Trans>}
          </span>
        </div>
      </div>
    </Frame>
  );
}

function Entries({ entries, current }: { entries: Entry[]; current: string | undefined }) {
  return entries.map(({ section, icon, name }) => (
    <Link
      key={section}
      to="/settings/$section"
      params={{ section }}
      className={`side-row ${section === current ? "is-current" : ""}`}
      aria-current={section === current ? "page" : undefined}
    >
      {icon}
      <span className="clip">{name}</span>
    </Link>
  ));
}
