/** Which rows of a list are selected. Pure. */

export interface Selection {
  chosen: ReadonlySet<string>;
  /** Where a range begins: the row that was clicked last without Shift. */
  anchor: string | null;
}

export const NOTHING: Selection = { chosen: new Set(), anchor: null };

/** The row is selected or not any more; with `range`, everything from the anchor to it is selected. */
export function pick(selection: Selection, order: readonly string[], id: string, range: boolean): Selection {
  const chosen = new Set(selection.chosen);
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (range && from >= 0 && to >= 0) {
    for (const between of order.slice(Math.min(from, to), Math.max(from, to) + 1)) chosen.add(between);
    return { chosen, anchor: selection.anchor };
  }
  if (!chosen.delete(id)) chosen.add(id);
  return { chosen, anchor: id };
}

/** Everything, or nothing when everything is selected already. */
export function pickAll(selection: Selection, order: readonly string[]): Selection {
  const all = order.length > 0 && order.every((id) => selection.chosen.has(id));
  return all ? NOTHING : { chosen: new Set(order), anchor: selection.anchor };
}
