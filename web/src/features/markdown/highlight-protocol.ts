/** What the page and the highlighting worker tell each other. */

/** A run of text and the class of its colour (k s n f c, see thread.css), or none. */
export interface Piece {
  text: string;
  kind: string;
}

/** More lines of code block `id`; null when the block is gone. */
export interface Question {
  id: number;
  grammar: string;
  lines: string[] | null;
}

/** The next coloured lines of code block `id`. */
export interface Answer {
  id: number;
  lines: Piece[][];
}
