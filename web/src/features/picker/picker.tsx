import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Check, Cloud, House, ListFilter, Search, Split, Star } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useMe, useSavePreferences } from "@/api/bootstrap";
import { useModels } from "@/api/models";
import type { ModelInfo } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { contextSize } from "@/lib/format";
import { keysLabel } from "@/lib/keys";
import { useIsPhone } from "@/lib/media";
import { AbilityIcons, ModelDetail, PhoneFacts, Price } from "./facts";
import { AUTO, bestMatch, groupModels, type ModelGroup, searchModels, staysInHouse } from "./list";
import { useModelLabel } from "./model-label";
import { useProviderLabel } from "./provider-label";

interface PickerProps {
  current: string | undefined;
  /** The chat is kept in the house: models outside are shown, and cannot be chosen. */
  inHouse?: boolean;
  withoutAuto?: boolean;
  onPick: (ref: string) => void;
}

/** Search, models in groups, what the highlighted one can. Arrow keys move, Enter chooses. */
export function Picker({ current, inHouse = false, withoutAuto = false, onPick }: PickerProps) {
  const { t } = useLingui();
  const id = useId();
  const me = useMe();
  const { data: list } = useModels();
  const [query, setQuery] = useState("");
  const [byProvider, setByProvider] = useState(true);
  const [at, setAt] = useState<string | null>(null);
  const { favourites, toggle } = useFavourites();

  const models = useMemo(
    () => (list?.items ?? []).filter(({ ref }) => !withoutAuto || ref !== AUTO),
    [list, withoutAuto],
  );
  const groups = useMemo(
    () => groupModels(searchModels(models, query), favourites, byProvider),
    [models, query, favourites, byProvider],
  );
  const shown = groups.flatMap((group) => group.models);
  const barred = new Set(inHouse ? shown.filter((model) => !staysInHouse(model, models)) : []);
  const rows = shown.filter((model) => !barred.has(model));
  const active =
    rows.find((model) => model.ref === at) ??
    bestMatch(rows, query) ??
    rows.find((model) => model.ref === current) ??
    rows[0];

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || !active) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt(rows[(rows.indexOf(active) + step + rows.length) % rows.length]?.ref ?? null);
    } else if (event.key === "Enter") {
      event.preventDefault();
      onPick(active.ref);
    } else if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      toggle(active.ref);
    }
  };
  return (
    <>
      <div className="picker-list">
        <div className="picker-search">
          <Search />
          <input
            role="combobox"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={active ? `${id}-${active.ref}` : undefined}
            aria-label={t`Search models`}
            placeholder={t`Search ${plural(models.length, { one: "# model", other: "# models" })}`}
            value={query}
            // biome-ignore lint/a11y/noAutofocus: the picker was opened to search
            autoFocus
            onChange={(event) => {
              setQuery(event.target.value);
              setAt(null); // what is meant now is what fits best
            }}
            onKeyDown={onKeyDown}
          />
          <IconButton
            label={byProvider ? t`List by model` : t`Group by provider`}
            aria-pressed={byProvider}
            onClick={() => setByProvider(!byProvider)}
          >
            <ListFilter />
          </IconButton>
        </div>
        <div className="scroll picker-rows" role="listbox" id={`${id}-list`} aria-label={t`Models`}>
          {groups.map((group) => (
            <Group
              key={group.key}
              group={group}
              id={id}
              active={active}
              current={current}
              barred={barred}
              favourites={favourites}
              onHover={setAt}
              onPick={onPick}
              onFavourite={toggle}
            />
          ))}
          {shown.length === 0 ? (
            <p className="hint p-4">
              {models.length === 0 ? <Trans>No models yet.</Trans> : <Trans>No model is called that.</Trans>}
            </p>
          ) : null}
        </div>
        <div className="picker-foot">
          <span className="kbd only-wide">
            <Trans>↑↓ move</Trans>
          </span>
          <span className="kbd only-wide">
            <Trans>Enter choose</Trans>
          </span>
          <span className="kbd only-wide">
            <Trans>{keysLabel("mod+s")} favourite</Trans>
          </span>
          <span className="grow" />
          {me.role === "admin" ? (
            <Link
              to="/settings/$section"
              params={{ section: "providers" }}
              className="foot-link sm underline"
            >
              <Trans>Add a provider</Trans>
            </Link>
          ) : null}
        </div>
      </div>
      {active ? (
        <ModelDetail
          model={active}
          favourite={favourites.includes(active.ref)}
          onFavourite={() => toggle(active.ref)}
        />
      ) : null}
    </>
  );
}

function useFavourites() {
  const { favourite_models: favourites = [] } = useMe().preferences;
  const save = useSavePreferences();
  const toggle = (ref: string) =>
    save.mutate({
      favourite_models: favourites.includes(ref)
        ? favourites.filter((item) => item !== ref)
        : [...favourites, ref],
    });
  return { favourites, toggle };
}

interface GroupProps {
  group: ModelGroup;
  id: string;
  active: ModelInfo | undefined;
  current: string | undefined;
  barred: Set<ModelInfo>;
  favourites: string[];
  onHover: (ref: string) => void;
  onPick: (ref: string) => void;
  onFavourite: (ref: string) => void;
}

function Group({ group, id, active, current, barred, favourites, onHover, onPick, onFavourite }: GroupProps) {
  const { t } = useLingui();
  const providerName = useProviderLabel();
  const name =
    group.key === "favourites"
      ? t`Favourites`
      : group.key === "all"
        ? t`All models`
        : group.key === "aliases"
          ? t`Aliases`
          : group.key === AUTO
            ? t`Chosen for you`
            : providerName(group.key, group.name);
  return (
    <div role="group" aria-label={name}>
      <div className="pick-group" aria-hidden="true">
        {group.selfHosted === null ? (
          <span>{name}</span>
        ) : (
          <>
            <span className={group.selfHosted ? "in" : "out"}>
              {group.selfHosted ? <House className="i-14" /> : <Cloud className="i-14" />}
              {name}
            </span>
            <span>{group.selfHosted ? <Trans>in-house</Trans> : <Trans>outside</Trans>}</span>
          </>
        )}
      </div>
      {group.models.map((model) => (
        <Row
          key={model.ref}
          id={`${id}-${model.ref}`}
          model={model}
          place={group.selfHosted === null}
          active={model === active}
          selected={model.ref === current}
          barred={barred.has(model)}
          favourite={favourites.includes(model.ref)}
          onHover={() => onHover(model.ref)}
          onPick={() => onPick(model.ref)}
          onFavourite={() => onFavourite(model.ref)}
        />
      ))}
    </div>
  );
}

interface RowProps {
  id: string;
  model: ModelInfo;
  /** The group does not say where it runs, so the row must. */
  place: boolean;
  active: boolean;
  selected: boolean;
  /** It is outside, and the chat is kept in the house. */
  barred: boolean;
  favourite: boolean;
  onHover: () => void;
  onPick: () => void;
  onFavourite: () => void;
}

function Row({ id, model, place, active, selected, barred, ...row }: RowProps) {
  const { favourite, onHover, onPick, onFavourite } = row;
  const { t } = useLingui();
  const phone = useIsPhone();
  const label = useModelLabel();
  const element = useRef<HTMLDivElement>(null);
  const why = barred ? t`outside; this chat is kept in the house` : null;
  useEffect(() => {
    if (active) element.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the search field, which holds the focus
    <div
      ref={element}
      id={id}
      className={`pick ${active ? "is-current" : ""}`}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      aria-disabled={barred || undefined}
      onClick={barred ? undefined : onPick}
      onPointerMove={active || barred ? undefined : onHover}
    >
      {place ? <Place model={model} /> : null}
      {/* the label stands whole beside the name, or wraps out of sight */}
      <span className="grow min-w-0" title={model.id}>
        <span className="flex h-[1lh] flex-wrap gap-x-1 overflow-hidden">
          <span className="clip max-w-full">{label(model)}</span>
          {model.demonstration ? <span className="hint sm only-wide"> · {t`demonstration`}</span> : null}
        </span>
        {phone && why ? <span className="hint sm clip block">{why}</span> : null}
        {phone && !why ? <PhoneFacts model={model} /> : null}
      </span>
      {selected ? <Check className="i-14 is-fav" /> : null}
      {why ? <span className="hint sm only-wide flex-none">{why}</span> : <Columns model={model} />}
      <span
        className={`fav ${favourite ? "is-fav" : ""}`}
        title={favourite ? t`Remove from favourites` : t`Add to favourites`}
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          onFavourite();
        }}
      >
        <Star className="i-14" />
      </span>
    </div>
  );
}

function Columns({ model }: { model: ModelInfo }) {
  return (
    <>
      <AbilityIcons model={model} />
      <span className="ctx only-wide">{model.context_tokens ? contextSize(model.context_tokens) : null}</span>
      <span className="cost only-wide">
        <Price model={model} />
      </span>
    </>
  );
}

/** Where a model runs, as an icon with its words. */
function Place({ model }: { model: ModelInfo }) {
  const { t } = useLingui();
  if (model.ref === AUTO && !model.self_hosted) return <Split className="i-14" />;
  return (
    <span className={model.self_hosted ? "in" : "out"} title={model.provider_name}>
      {model.self_hosted ? <House className="i-14" /> : <Cloud className="i-14" />}
      <span className="visually-hidden">{model.self_hosted ? t`in-house` : model.provider_name}</span>
    </span>
  );
}
