import "@/styles/palette.css";
import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { Trans, useLingui } from "@lingui/react/macro";
import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useCentre } from "@/features/commands/centre";
import { type Item, sectionsFor } from "./items";
import { loadPinyin } from "./match";
import { Rows } from "./rows";
import { useFound, useOffered } from "./use-offered";

interface PaletteProps {
  /** With everything, or with the models alone. */
  start: "palette" | "models";
  onClose: () => void;
}

/** One field for all: what can be done, where one can go, which chat. Arrow keys move, Enter does it. */
export function Palette({ start, onClose }: PaletteProps) {
  const { t } = useLingui();
  const [open, setOpen] = useState(true);
  const chosen = useRef<Item>(undefined);
  return (
    <BaseDialog.Root
      open={open}
      onOpenChange={setOpen}
      // done when the palette is gone and the focus is back: what is done may take it elsewhere
      onOpenChangeComplete={(shown) => {
        if (shown) return;
        onClose();
        chosen.current?.run();
      }}
    >
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="backdrop" />
        <BaseDialog.Popup className="popover palette" aria-label={t`Search and commands`}>
          <Field
            models={start === "models"}
            onClose={() => setOpen(false)}
            onChoose={(item) => {
              chosen.current = item;
              setOpen(false);
            }}
          />
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

interface FieldProps {
  models: boolean;
  onChoose: (item: Item) => void;
  onClose: () => void;
}

function Field({ models, onChoose, onClose }: FieldProps) {
  const { t } = useLingui();
  const id = useId();
  const [query, setQuery] = useState(() => useCentre.getState().early);
  const [at, setAt] = useState<string | null>(null);
  const { offered, askFor } = useOffered(models);
  const found = useFound(query, !models);
  const spelled = usePinyin(offered.commands, offered.threads);

  // biome-ignore lint/correctness/useExhaustiveDependencies: pinyin finds more once it is here
  const sections = useMemo(
    () => sectionsFor(query, offered, found, models ? null : askFor(query.trim())),
    [query, offered, found, models, askFor, spelled],
  );
  const rows = sections.flatMap((section) => section.items);
  const active = rows.find((item) => item.id === at) ?? rows[0];

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && active) {
      event.preventDefault();
      setAt(rows[(rows.indexOf(active) + step + rows.length) % rows.length]?.id ?? null);
    } else if (event.key === "Enter" && active) {
      event.preventDefault();
      onChoose(active);
    } else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onClose();
    }
  };
  const label = models ? t`Search models` : t`Search chats, commands and pages`;
  return (
    <>
      <div className="picker-search">
        <Search />
        <input
          role="combobox"
          aria-expanded={rows.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={active ? `${id}-${active.id}` : undefined}
          aria-label={label}
          placeholder={label}
          value={query}
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="go"
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(null);
          }}
          onKeyDown={onKeyDown}
        />
        <button type="button" className="kbd palette-close" onClick={onClose}>
          <span aria-hidden="true">Esc</span>
          <span className="visually-hidden">
            <Trans>Close</Trans>
          </span>
        </button>
      </div>
      <Rows id={id} sections={sections} active={active} onHover={setAt} onChoose={onChoose} />
      <p className="visually-hidden" role="status">
        {rows.length === 0 ? <Trans>Nothing fits.</Trans> : null}
      </p>
      <div className="picker-foot only-wide">
        <span className="kbd">
          <Trans>↑↓ move</Trans>
        </span>
        <span className="kbd">
          <Trans>Enter open</Trans>
        </span>
        <span className="kbd">
          <Trans>Esc close</Trans>
        </span>
      </div>
    </>
  );
}

function usePinyin(...lists: Item[][]): boolean {
  const [there, setThere] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for the lists as they were at opening
  useEffect(() => {
    // without it Chinese is still found by its characters
    loadPinyin(lists.flat()).then(setThere, () => undefined);
  }, []);
  return there;
}
