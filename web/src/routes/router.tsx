import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { bootstrapQuery } from "@/api/bootstrap";
import { whenSignedOut } from "@/api/client";
import { openOutbox } from "@/api/outbox";
import { queryClient } from "@/api/query-client";
import { threadQuery } from "@/api/threads";
import { PageFailed, PageMissing } from "@/app/page-states";
import { Shell } from "@/app/shell";
import { ChatPage } from "@/features/chat/chat-page";
import { CommandCentre } from "@/features/commands/command-centre";
import { loadRareSentences } from "@/features/errors/error-text";
import { preloadMarkdown } from "@/features/markdown/lazy-markdown";
import { withCatalogue } from "@/i18n";
import { patiently } from "@/lib/part";
import { safeRedirect } from "./safe-redirect";

interface SearchAsked {
  q?: string;
  model?: string;
  when?: string;
  file?: true;
}

const ROW_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const root = createRootRoute({
  component: () => <Outlet />,
  notFoundComponent: PageMissing,
  errorComponent: PageFailed,
  beforeLoad: async () => ({ bootstrap: await queryClient.ensureQueryData(bootstrapQuery) }),
});

/** Pages of a signed-in person. Everyone else goes to sign-in, or to the first setup. */
const member = createRoute({
  getParentRoute: () => root,
  id: "member",
  beforeLoad: ({ context, location }) => {
    if (context.bootstrap.me) {
      const begun = openOutbox(context.bootstrap.me.id);
      // left the moment after the first message: it is in that chat
      if (begun && location.pathname === "/")
        throw redirect({ to: "/c/$threadId", params: { threadId: begun } });
      return;
    }
    if (context.bootstrap.mode === "setup") throw redirect({ to: "/setup" });
    throw redirect({ to: "/sign-in", search: { next: location.href } });
  },
  component: Member,
});

function Member() {
  return (
    <>
      <Outlet />
      <CommandCentre />
    </>
  );
}

const shell = createRoute({ getParentRoute: () => member, id: "shell", component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  validateSearch: (search: Record<string, unknown>): { project?: string } =>
    typeof search.project === "string" ? { project: search.project } : {},
  component: ChatPage,
});

const thread = createRoute({
  getParentRoute: () => shell,
  path: "/c/$threadId",
  // the message that is jumped to, as a search finds it
  validateSearch: (search: Record<string, unknown>): { message?: string } =>
    typeof search.message === "string" && ROW_ID.test(search.message) ? { message: search.message } : {},
  loader: ({ params }) => {
    if (!ROW_ID.test(params.threadId)) throw notFound(); // a link that lost a part of itself
    void queryClient.prefetchQuery(threadQuery(params.threadId));
    preloadMarkdown();
  },
  component: ChatPage,
});

const search = createRoute({
  getParentRoute: () => shell,
  path: "/search",
  validateSearch: (asked: Record<string, unknown>): SearchAsked => ({
    // a number is what the router reads from ?q=2024
    q: ["string", "number"].includes(typeof asked.q) ? String(asked.q) : undefined,
    model: typeof asked.model === "string" ? asked.model : undefined,
    when: typeof asked.when === "string" ? asked.when : undefined,
    file: asked.file === true ? true : undefined,
  }),
  component: lazyRouteComponent(() => patiently(() => import("@/features/search/search-page")), "SearchPage"),
});

const chats = createRoute({
  getParentRoute: () => shell,
  path: "/chats",
  loader: () => withCatalogue("moving"),
  component: lazyRouteComponent(() => patiently(() => import("@/features/chats/chats-page")), "ChatsPage"),
});

const pictures = createRoute({
  getParentRoute: () => shell,
  path: "/pictures",
  loader: () => withCatalogue("moving"),
  component: lazyRouteComponent(
    () => patiently(() => import("@/features/gallery/gallery-page")),
    "GalleryPage",
  ),
});

const playground = createRoute({
  getParentRoute: () => shell,
  path: "/playground",
  loader: () => withCatalogue("playground"),
  component: lazyRouteComponent(
    () => patiently(() => import("@/features/playground/playground-page")),
    "PlaygroundPage",
  ),
});

const SETTINGS = [
  "provider",
  "add",
  "price",
  "period",
  "group",
  "project",
  "run",
  "view",
  "status",
  "request",
] as const;

/** Settings draw themselves: which section is in the path, what is open or chosen in it in the search. */
const settings = createRoute({
  getParentRoute: () => member,
  path: "/settings",
  validateSearch: (search: Record<string, unknown>): Partial<Record<(typeof SETTINGS)[number], string>> =>
    Object.fromEntries(
      SETTINGS.filter((name) => typeof search[name] === "string").map((name) => [name, search[name]]),
    ),
  loader: () => Promise.all([withCatalogue("settings"), withCatalogue("welcome"), loadRareSentences()]),
  component: lazyRouteComponent(
    () => patiently(() => import("@/features/settings/settings-page")),
    "SettingsPage",
  ),
});

const settingsSection = createRoute({ getParentRoute: () => settings, path: "$section" });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const next = safeRedirect(search.next);
    return next ? { next } : {};
  },
  beforeLoad: ({ context }) => {
    if (context.bootstrap.mode === "setup") throw redirect({ to: "/setup" });
  },
  loader: () => withCatalogue("settings"),
  component: lazyRouteComponent(
    () => patiently(() => import("@/features/sign-in/sign-in-page")),
    "SignInPage",
  ),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: (search: Record<string, unknown>): { token?: string } =>
    typeof search.token === "string" ? { token: search.token } : {},
  loader: () => withCatalogue("settings"),
  component: lazyRouteComponent(
    () => patiently(() => import("@/features/onboarding/setup-page")),
    "SetupPage",
  ),
});

/** A shared chat; whoever has its link needs no account. */
const shared = createRoute({
  getParentRoute: () => root,
  path: "/s/$token",
  loader: () => Promise.all([withCatalogue("settings"), withCatalogue("moving"), loadRareSentences()]),
  component: lazyRouteComponent(() => patiently(() => import("@/features/moving/shared-page")), "SharedPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    member.addChildren([
      shell.addChildren([home, thread, search, chats, pictures, playground]),
      settings.addChildren([settingsSection]),
    ]),
    signIn,
    setup,
    shared,
  ]),
  defaultPreload: "intent",
  defaultPendingMs: 300,
});

whenSignedOut(() => {
  void queryClient.invalidateQueries(bootstrapQuery).then(() => router.invalidate());
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
