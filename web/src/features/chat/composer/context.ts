/** How a model's context is filled, as the server counts where nobody has counted yet. */

/** What a picture counts for, and what is kept free for an answer whose length nobody limits. */
const IMAGE_TOKENS = 800;
const ANSWER_TOKENS = 4096;

/** About how many tokens a text has: four ASCII characters each, other scripts about one and a half. */
export function estimateTokens(text: string): number {
  let ascii = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x80) ascii += 1;
  return ascii / 4 + (text.length - ascii) / 1.5;
}

interface Filling {
  /** The model's whole window. */
  context: number;
  /** What the last answer took with all before it, as its provider counted; null before the first one. */
  used: number | null;
  system: string;
  draft: string;
  images: number;
  /** Bytes of attached texts: four of them are about a token in any script. */
  bytes: number;
  /** The longest answer, where one is set or known. */
  longest: number | null | undefined;
}

export interface Filled {
  system: number;
  history: number;
  message: number;
  /** Kept free for the answer. */
  answer: number;
  /** 0 to 1 and more, without what is kept free. */
  part: number;
}

export function filled({ context, used, system, draft, images, bytes, longest }: Filling): Filled {
  const rules = Math.round(estimateTokens(system));
  const message = Math.round(estimateTokens(draft) + bytes / 4) + images * IMAGE_TOKENS;
  const history = used === null ? 0 : Math.max(0, used - rules);
  const answer = Math.min(longest ?? ANSWER_TOKENS, ANSWER_TOKENS, Math.floor(context / 4));
  return { system: rules, history, message, answer, part: (rules + history + message) / context };
}
