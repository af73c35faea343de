import "@/styles/search.css";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { Search, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { ApiError } from "@/api/errors";
import { isSearchable, useSearchResults } from "@/api/search";
import { Header } from "@/app/header";
import { Bones } from "@/components/ui/bones";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { FilterBar, type Filters } from "./filters";
import { groupsOf, PERIODS, type Period, since } from "./groups";
import { Results } from "./results";

/** A search is asked when nothing was typed for so long. */
const PAUSE_MS = 140;

/** Full text over all of one's chats. The address holds the question, so that going back finds it again. */
export function SearchPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const router = useRouter();
  const asked = useSearch({ strict: false });
  const input = useRef<HTMLInputElement>(null);
  const [q, setQ] = useState(asked.q ?? "");
  const filters: Filters = { model: asked.model, when: periodOf(asked.when), file: asked.file };
  const change = (changes: Filters) =>
    void navigate({ to: "/search", search: { ...filters, q: q || undefined, ...changes }, replace: true });

  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed is waited for
  useEffect(() => {
    if (q === (asked.q ?? "")) return;
    const timer = setTimeout(() => change({}), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [q]);

  const toField = () => input.current?.focus();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.defaultPrevented) return;
    const inField = event.target === input.current;
    const keys: Record<string, () => boolean> = {
      ArrowDown: () => moveBy(1, inField, toField),
      ArrowUp: () => moveBy(-1, inField, toField),
      Enter: () => inField && openFirst(),
      Escape: () => {
        if (!inField) toField();
        else if (q) setQ("");
        else router.history.back();
        return true;
      },
    };
    if (keys[event.key]?.()) event.preventDefault();
  };
  return (
    <main className="main" id="main">
      <title>{`${t`Search chats`} · Freehold`}</title>
      <Header>
        <h1 className="playground-title search-title">
          <Trans>Search chats</Trans>
        </h1>
      </Header>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys of the field and of the links inside */}
      <div className="thread scroll" onKeyDown={onKeyDown}>
        <div className="column search-page">
          <search>
            <div className="field hit-field">
              <Search />
              <input
                ref={input}
                type="text"
                enterKeyHint="search"
                autoComplete="off"
                spellCheck={false}
                maxLength={200}
                // biome-ignore lint/a11y/noAutofocus: one comes here to type
                autoFocus
                aria-label={t`Search in titles, messages and names of files`}
                placeholder={t`Search in titles, messages and names of files`}
                value={q}
                onChange={(event) => setQ(event.target.value)}
              />
              {q ? (
                <IconButton
                  label={t`Clear`}
                  onClick={() => {
                    setQ("");
                    toField();
                  }}
                >
                  <X className="i-14" />
                </IconButton>
              ) : null}
            </div>
            <FilterBar filters={filters} change={change} />
          </search>
          <Found q={asked.q ?? ""} filters={filters} />
        </div>
      </div>
    </main>
  );
}

function periodOf(when: string | undefined): Period | undefined {
  return when && when in PERIODS ? (when as Period) : undefined;
}

const rows = () => [...document.querySelectorAll<HTMLElement>("[data-found-row]")];

function openFirst(): boolean {
  rows()[0]?.click();
  return true;
}

/** Takes the focus one row on; before the first row stands the field. */
function moveBy(step: 1 | -1, inField: boolean, toField: () => void): boolean {
  const all = rows();
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (!inField && at < 0) return false;
  if (at + step < 0 && !inField) toField();
  else all[Math.min(at + step, all.length - 1)]?.focus();
  return true;
}

function Found({ q, filters }: { q: string; filters: Filters }) {
  const results = useSearchResults({
    q,
    model: filters.model,
    from: filters.when && since(filters.when),
    hasFile: filters.file,
  });
  const { data, error, isPlaceholderData } = results;
  if (!q) {
    return (
      <Note>
        <Trans>
          Every word you write must be there. Put words in "quotes" to find them side by side. Chats in the
          archive are searched as well.
        </Trans>
      </Note>
    );
  }
  if (!isSearchable(q)) {
    return (
      <Note>
        <Trans>Write at least one letter, digit or character.</Trans>
      </Note>
    );
  }
  if (error && !results.isFetchNextPageError) {
    return (
      <div className="card fail" role="alert">
        <b>
          <Trans>The search did not work</Trans>
        </b>
        <p>{error instanceof ApiError ? error.problem.next_step || error.message : error.message}</p>
        <div className="row">
          <Button small onClick={() => void results.refetch()}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      </div>
    );
  }
  if (!data) return <Bones widths={[50, 90, 84, 40, 88]} />;
  const groups = groupsOf(data.pages);
  const count = groups.length;
  return (
    <div aria-busy={isPlaceholderData} className={isPlaceholderData ? "is-old" : ""}>
      <p className="hint sm hit-count" role="status">
        {count === 0 ? (
          <Trans>Nothing was found. Try fewer or other words.</Trans>
        ) : results.hasNextPage ? (
          <Trans>The newest of many</Trans>
        ) : (
          <Plural value={count} one="Found in # chat" other="Found in # chats" />
        )}
      </p>
      <Results groups={groups} />
      {results.hasNextPage ? (
        <div className="section-foot">
          <Button small disabled={results.isFetchingNextPage} onClick={() => void results.fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <p className="quiet hit-count">{children}</p>;
}
