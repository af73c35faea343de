import { part } from "@/lib/part";
import "@/styles/settings.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { Suspense, useEffect } from "react";
import { useMe } from "@/api/bootstrap";
import { startLive } from "@/api/live";
import { PageMissing } from "@/app/page-states";
import { usePreferences } from "@/app/preferences";
import { useShell } from "@/app/state";
import { withCatalogue } from "@/i18n";
import { useIsPhone } from "@/lib/media";
import { AccountPage } from "./account/account-page";
import { LookPage } from "./look-page";
import { ProvidersPage } from "./providers/providers-page";
import { SettingsNav } from "./settings-nav";
import { SystemPage } from "./system-page";

const KeysPage = part(async () => {
  await withCatalogue("playground"); // the code for a key is the playground's
  const { KeysPage: component } = await import("./keys/keys-page");
  return { default: component };
});
const PeoplePage = part(() =>
  import("./people/people-page").then(({ PeoplePage }) => ({ default: PeoplePage })),
);
const GroupsPage = part(() =>
  import("./people/groups-page").then(({ GroupsPage }) => ({ default: GroupsPage })),
);
const LimitsPage = part(() =>
  import("./limits/limits-page").then(({ LimitsPage }) => ({ default: LimitsPage })),
);
const FaqPage = part(() => import("./faq/faq-page").then(({ FaqPage }) => ({ default: FaqPage })));
const HealthPage = part(() =>
  import("./health/health-page").then(({ HealthPage }) => ({ default: HealthPage })),
);
const MovingPage = part(async () => {
  await withCatalogue("moving");
  const { MovingPage: component } = await import("@/features/moving/moving-page");
  return { default: component };
});
const MemoryPage = part(() =>
  import("./memory/memory-page").then(({ MemoryPage }) => ({ default: MemoryPage })),
);
const PromptsPage = part(async () => {
  await withCatalogue("composer");
  const { PromptsPage: component } = await import("@/features/prompts/prompts-page");
  return { default: component };
});
const VoicePage = part(async () => {
  await withCatalogue("composer");
  const { VoicePage: component } = await import("@/features/voice/voice-page");
  return { default: component };
});
const RoutingPage = part(() =>
  import("./routing/routing-page").then(({ RoutingPage }) => ({ default: RoutingPage })),
);
const SavingsPage = part(() =>
  import("./savings/savings-page").then(({ SavingsPage }) => ({ default: SavingsPage })),
);
const ArenaPage = part(() => import("./arena/arena-page").then(({ ArenaPage }) => ({ default: ArenaPage })));
const TestsPage = part(() => import("./tests/tests-page").then(({ TestsPage }) => ({ default: TestsPage })));
const UsagePage = part(() => import("./usage/usage-page").then(({ UsagePage }) => ({ default: UsagePage })));

const ShortcutsPage = part(() =>
  import("./shortcuts/shortcuts-page").then(({ ShortcutsPage }) => ({ default: ShortcutsPage })),
);

const PAGES = {
  account: AccountPage,
  arena: ArenaPage,
  faq: FaqPage,
  general: LookPage,
  groups: GroupsPage,
  health: HealthPage,
  keys: KeysPage,
  limits: LimitsPage,
  memory: MemoryPage,
  moving: MovingPage,
  people: PeoplePage,
  prompts: PromptsPage,
  providers: ProvidersPage,
  routing: RoutingPage,
  savings: SavingsPage,
  shortcuts: ShortcutsPage,
  system: SystemPage,
  tests: TestsPage,
  usage: UsagePage,
  voice: VoicePage,
};
const FOR_ADMINS = ["people", "groups", "limits", "providers", "routing", "faq", "health", "system"];

/** Settings: sections on the left, one beside them; on a phone first the list, then the page. */
export function SettingsPage() {
  const { t } = useLingui();
  const { section } = useParams({ strict: false });
  const { role } = useMe();
  const phone = useIsPhone();
  const { online, setOnline } = useShell();
  usePreferences();
  useEffect(() => startLive(setOnline), [setOnline]);

  const name = section ?? (phone ? undefined : "general");
  const allowed = name && name in PAGES && (role === "admin" || !FOR_ADMINS.includes(name));
  const Page = allowed ? PAGES[name as keyof typeof PAGES] : PageMissing;
  return (
    <div className="app settings">
      <title>{`${t`Settings`} · Freehold`}</title>
      {phone && name ? null : <SettingsNav current={name} alone={phone} />}
      {name ? (
        <div className="settings-page">
          {online ? null : <OfflineNote />}
          <Suspense>
            <Page />
          </Suspense>
        </div>
      ) : null}
    </div>
  );
}

function OfflineNote() {
  return (
    <div className="note m-2 flex-none" role="status">
      <WifiOff />
      <span>
        <Trans>No connection to Freehold. Nothing can be changed until it is back.</Trans>
      </span>
    </div>
  );
}
