import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { Marks } from "@/features/search/marks";
import type { Item, Section } from "./items";

interface RowsProps {
  id: string;
  sections: Section[];
  active: Item | undefined;
  onHover: (id: string) => void;
  onChoose: (item: Item) => void;
}

/** The lines under the field, in named groups. */
export function Rows({ id, sections, active, onHover, onChoose }: RowsProps) {
  const { t } = useLingui();
  const names = {
    do: t`Do`,
    chats: t`Chats`,
    models: t`Models`,
    messages: t`In messages`,
    ask: t`Ask`,
    prompts: t`Prompts`,
    more: t`More`,
  };
  return (
    <div className="scroll picker-rows palette-rows" role="listbox" id={`${id}-list`} aria-label={t`Results`}>
      {sections.map(({ key, items }) => (
        <div key={key} role="group" aria-label={names[key]}>
          <div className="pick-group" aria-hidden="true">
            <span>{names[key]}</span>
          </div>
          {items.map((item) => (
            <Row
              key={item.id}
              id={`${id}-${item.id}`}
              item={item}
              active={item === active}
              onHover={() => onHover(item.id)}
              onChoose={() => onChoose(item)}
            />
          ))}
        </div>
      ))}
      {sections.length === 0 ? (
        <p className="hint p-4">
          <Trans>Nothing fits.</Trans>
        </p>
      ) : null}
    </div>
  );
}

interface RowProps {
  id: string;
  item: Item;
  active: boolean;
  onHover: () => void;
  onChoose: () => void;
}

function Row({ id, item: { icon: Icon, text, marked, snippet, end }, active, onHover, onChoose }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which holds the focus
    <div
      ref={row}
      id={id}
      className={`pick ${snippet ? "has-snippet" : ""} ${active ? "is-current" : ""}`}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      onClick={onChoose}
      onPointerMove={active ? undefined : onHover}
    >
      <Icon />
      <span className="grow min-w-0">
        <span className="clip block" dir="auto">
          {marked ? <Marks of={marked} /> : text}
        </span>
        {snippet ? (
          <span className="clip block quiet sm" dir="auto">
            <Marks of={snippet} />
          </span>
        ) : null}
      </span>
      {end ? <span className="kbd">{end}</span> : null}
    </div>
  );
}
