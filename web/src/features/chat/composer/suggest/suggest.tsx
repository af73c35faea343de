import "@/styles/suggest.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { Settings2 } from "lucide-react";
import { type KeyboardEvent, useEffect, useEffectEvent, useMemo, useState } from "react";
import { useMe } from "@/api/bootstrap";
import { useModels } from "@/api/models";
import { usePrompts } from "@/api/prompts";
import type { Prompt } from "@/api/types";
import { useChosenKeys } from "@/features/commands/use-keys";
import { commandItems, type Item, modelItems } from "@/features/palette/items";
import { loadPinyin } from "@/features/palette/match";
import { Rows } from "@/features/palette/rows";
import { staysInHouse } from "@/features/picker/list";
import { useProviderLabel } from "@/features/picker/provider-label";
import { FillDialog } from "@/features/prompts/fill-dialog";
import { fill, knownValues, type Variable, variablesOf } from "@/features/prompts/variables";
import { activeLocale } from "@/i18n";
import { atSections, promptItems, slashSections } from "./offered";
import type { Token } from "./token";
import type { Suggesting } from "./use-suggest";

interface SuggestProps {
  /** The id of the list is this and "-list". */
  id: string;
  suggest: Suggesting;
  inHouse: boolean;
  /** A model for this message alone. */
  onModel: (ref: string) => void;
}

interface Asking {
  prompt: Prompt;
  token: Token;
  variables: Variable[];
  known: Record<string, string>;
}

/** The menu over the composer while a `/` or an `@` is typed, and the form of a prompt that asks for something. */
export function Suggest({ id, suggest, inHouse, onModel }: SuggestProps) {
  const { name: user } = useMe();
  const [asking, setAsking] = useState<Asking | null>(null);
  const { token, replace } = suggest;

  const choosePrompt = async (prompt: Prompt, at: Token) => {
    const variables = variablesOf(prompt.text);
    const known = await knownValues(variables, { locale: activeLocale(), user });
    const open = variables.filter(({ name }) => known[name] === undefined);
    if (open.length) setAsking({ prompt, token: at, variables: open, known });
    else replace(at, fill(prompt.text, known));
  };
  return (
    <>
      {token && !asking ? (
        <List
          id={id}
          token={token}
          suggest={suggest}
          inHouse={inHouse}
          onPrompt={(prompt) => void choosePrompt(prompt, token)}
          onModel={(ref) => {
            replace(token, "");
            onModel(ref);
          }}
        />
      ) : null}
      {asking ? (
        <FillDialog
          {...asking}
          onClose={() => setAsking(null)}
          onFilled={(text) => {
            setAsking(null);
            // the dialog gives the focus back first
            requestAnimationFrame(() => replace(asking.token, text));
          }}
        />
      ) : null}
    </>
  );
}

interface ListProps extends Omit<SuggestProps, "onModel"> {
  token: Token;
  onPrompt: (prompt: Prompt) => void;
  onModel: (ref: string) => void;
}

function List({ id, token, suggest, inHouse, onPrompt, onModel }: ListProps) {
  const { t } = useLingui();
  const [at, setAt] = useState<string | null>(null);
  const sections = useSections(token, inHouse, onPrompt, onModel, suggest.replace);
  const rows = sections.flatMap((section) => section.items);
  const active = rows.find((item) => item.id === at) ?? rows[0];

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === "Escape") {
      suggest.dismiss();
      event.preventDefault();
      return true;
    }
    // with them Enter sends or starts a line, and Tab goes back
    const held = event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
    if (!active) return false;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) setAt(rows[(rows.indexOf(active) + step + rows.length) % rows.length]?.id ?? null);
    else if ((event.key === "Enter" || event.key === "Tab") && !held) active.run();
    else return false;
    event.preventDefault();
    return true;
  });
  const { takeKey, setActive } = suggest;
  useEffect(() => {
    takeKey.current = (event) => onKey(event);
    return () => {
      takeKey.current = null;
    };
  }, [takeKey]);
  const activeId = active && `${id}-${active.id}`;
  useEffect(() => {
    setActive(activeId);
    return () => setActive(undefined);
  }, [activeId, setActive]);

  const count = rows.length;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the field keeps the focus, whatever is pressed here
    <div className="popover suggest" onMouseDown={(event) => event.preventDefault()}>
      {count ? (
        <Rows id={id} sections={sections} active={active} onHover={setAt} onChoose={(item) => item.run()} />
      ) : null}
      {count && token.kind === "@" ? (
        <p className="suggest-note hint sm">
          <Trans>Answers this message alone.</Trans>
        </p>
      ) : null}
      <p className="visually-hidden" role="status">
        {count ? t`${count} to choose from; arrows move, Enter chooses` : null}
      </p>
    </div>
  );
}

function useSections(
  token: Token,
  inHouse: boolean,
  onPrompt: (prompt: Prompt) => void,
  onModel: (ref: string) => void,
  replace: (token: Token, words: string) => void,
) {
  const { t, i18n } = useLingui();
  const navigate = useNavigate();
  const chosen = useChosenKeys();
  const providerName = useProviderLabel();
  const { data: list } = useModels();
  const { data: prompts = [] } = usePrompts();

  const after = (item: Item): Item => ({
    ...item,
    run: () => {
      replace(token, "");
      // what it opens takes the focus after the field has had it
      requestAnimationFrame(item.run);
    },
  });
  const manage: Item = {
    id: "prompts.manage",
    icon: Settings2,
    text: prompts.length ? t`All prompts` : t`Keep a prompt here`,
    run: () => void navigate({ to: "/settings/$section", params: { section: "prompts" } }),
  };
  const offered = promptItems(prompts, onPrompt);
  const commands = commandItems(i18n, chosen).map(after);
  const all = list?.items ?? [];
  const models = modelItems(
    inHouse ? all.filter((model) => staysInHouse(model, all)) : all,
    ({ self_hosted, provider_id, provider_name }) =>
      self_hosted ? t`in-house` : providerName(provider_id, provider_name),
    onModel,
  );
  usePinyin(token.kind === "@" ? models : [...offered, ...commands]);
  return token.kind === "@"
    ? atSections(token.query, models)
    : slashSections(token.query, offered, commands, after(manage));
}

/** Draws again when pinyin is here. */
function usePinyin(items: Item[]): void {
  const [, setThere] = useState(false);
  const names = useMemo(() => items.map(({ text }) => text).join("\n"), [items]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names say whether it is needed
  useEffect(() => {
    // without it Chinese is still found by its characters
    loadPinyin(items).then(
      (there) => there && setThere(true),
      () => undefined,
    );
  }, [names]);
}
