/** Rows as CSV (RFC 4180), for spreadsheets. */

/** What a spreadsheet would take for a formula; a model wrote the cells, so they stay words. Numbers may have a sign. */
const isFormula = (cell: string) =>
  /^[=@\t\r]/.test(cell) || (/^[+-]/.test(cell) && !/^[+-][\d.,\s]+%?$/.test(cell));

export function csv(rows: string[][]): string {
  const field = (cell: string) => {
    const text = isFormula(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(field).join(",")).join("\r\n");
}
