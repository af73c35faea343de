/** Which messages of the shown branch a summary stands for; the server decides the same when it sends them. */
import type { Fold, Message } from "@/api/types";

type Node = Pick<Message, "id" | "role" | "pinned">;

/** The fold that reaches farthest along the path, the youngest of such. */
export function foldOn(path: Node[], folds: Fold[]): Fold | undefined {
  const places = new Map(path.map((message, place) => [message.id, place]));
  const last = path.findLastIndex((message) => message.role === "user");
  const end = (fold: Fold) => places.get(fold.to_id) ?? -1;
  return folds
    .filter((fold) => (places.get(fold.from_id) ?? path.length) <= end(fold) && end(fold) < last)
    .reduce<Fold | undefined>((best, fold) => (best && end(best) > end(fold) ? best : fold), undefined);
}

/** The ids of what the summary stands for. */
export function foldedIn(path: Node[], fold: Fold | undefined): Set<string> {
  if (!fold) return new Set();
  const start = path.findIndex((message) => message.id === fold.from_id);
  const end = path.findIndex((message) => message.id === fold.to_id);
  const inside = path.slice(start, end + 1);
  return new Set(
    inside.flatMap((message) => (message.pinned || fold.kept.includes(message.id) ? [] : message.id)),
  );
}
