/** The fenced code blocks of what one typed; everything else of it is shown as it is. */

export interface Piece {
  code: boolean;
  text: string;
}

/** Cuts a text at its closed fences, as CommonMark has them: a fence that is never closed was just typed. */
export function splitFences(text: string): Piece[] {
  const pieces: Piece[] = [];
  const lines = text.split(/\r?\n/);
  let plain: string[] = [];
  const add = (code: boolean, part: string[]) => {
    const words = part.join("\n");
    if (code || words.trim()) pieces.push({ code, text: words });
  };
  for (let at = 0; at < lines.length; at += 1) {
    const end = closing(lines, at);
    if (end < 0) {
      plain.push(lines[at] ?? "");
      continue;
    }
    add(false, plain);
    plain = [];
    add(true, lines.slice(at, end + 1));
    at = end;
  }
  add(false, plain);
  return pieces;
}

/** The line that closes the block that this line opens, or -1. */
function closing(lines: string[], at: number): number {
  const [, marks = "", info = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(lines[at] ?? "") ?? [];
  if (!marks || (marks.startsWith("`") && info.includes("`"))) return -1;
  const last = new RegExp(`^ {0,3}${marks[0]}{${marks.length},}\\s*$`);
  return lines.findIndex((line, index) => index > at && last.test(line));
}
