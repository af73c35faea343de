/** Whom a rule is for, as it stands in a form. */
import { findPerson } from "@/api/people";
import type { RuleKind } from "@/api/types";

export interface Holder {
  kind: RuleKind;
  /** Name or address of a person. */
  person: string;
  /** Id of a group. */
  group: string;
  /** `provider/model` or a pattern. */
  model: string;
}

export const EVERYONE: Holder = { kind: "everyone", person: "", group: "", model: "" };

export interface HolderIds {
  holder_kind: RuleKind;
  holder_id: string;
}

/** What the server calls it; null when nobody is meant, or nobody is found. */
export async function idsOf({ kind, person, group, model }: Holder): Promise<HolderIds | null> {
  if (kind === "everyone") return { holder_kind: kind, holder_id: "" };
  const id = {
    user: () => findPerson(person).then((one) => one?.id),
    group: () => group,
    model: () => model.trim(),
  };
  const holder_id = await id[kind]();
  return holder_id ? { holder_kind: kind, holder_id } : null;
}

/** "20", "2.50" or "2,50" → 20, 2.5; null for anything else. */
export function amountOf(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  return /^\d{1,9}(\.\d{1,6})?$/.test(plain) ? Number(plain) : null;
}

/** Digits alone, as many as the server takes. */
export const digits = (text: string, most = 9): string => text.replace(/\D/g, "").slice(0, most);
