import { useLingui } from "@lingui/react/macro";
import type { KeyboardEvent } from "react";
import type { Message } from "@/api/types";
import { textOf } from "../tree";
import { pickEvery, pickMessage, useSelecting } from "./state";

/** What one hears of a message whose box has the focus, in characters. */
const SAID = 80;

/** Selects a message: the box, and a click anywhere on the message. Arrows go to the next box, with Shift they select. */
export function SelectBox({ message }: { message: Message }) {
  const { t } = useLingui();
  const chosen = useSelecting(({ selection }) => selection.chosen.has(message.id));
  // all boxes are one stop of Tab, the one that was chosen last
  const reached = useSelecting(({ selection: { anchor } }) => anchor === null || anchor === message.id);
  const words = textOf(message).slice(0, SAID);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const all = event.key === "a" && (event.ctrlKey || event.metaKey);
    if (step === 0 && !all) return;
    event.preventDefault();
    if (all) return pickEvery();
    const boxes = [...document.querySelectorAll<HTMLInputElement>(".slot-box input")];
    const next = boxes[boxes.indexOf(event.currentTarget) + step];
    next?.focus();
    if (next?.dataset.select && event.shiftKey) pickMessage(next.dataset.select, true);
  };
  return (
    <label className="slot-box">
      <input
        type="checkbox"
        data-select={message.id}
        tabIndex={reached ? 0 : -1}
        aria-label={t`Select: ${words}`}
        checked={chosen}
        // a click tells of the Shift key, a change does not
        onClick={(event) => pickMessage(message.id, event.shiftKey)}
        onChange={() => undefined}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}
