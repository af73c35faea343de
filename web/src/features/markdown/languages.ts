/** What may stand behind a fence, and what a block of it is called when it is saved. */

/** The names of the grammars in grammars.ts. */
const names = new Set(
  `asm astro bat c clojure cmake cpp csharp css csv dart diff docker dotenv elixir erlang fsharp go graphql groovy haskell hcl html ini java javascript json jsonc jsx julia kotlin latex log lua make markdown matlab mdx nginx nix objective-c ocaml perl php powershell proto python r regexp ruby rust scala scss shellscript solidity sql svelte swift toml tsx typescript vb vue wasm xml yaml zig`.split(
    /\s+/,
  ),
);

const aliases: Record<string, string> = {
  bash: "shellscript",
  batch: "bat",
  "c#": "csharp",
  "c++": "cpp",
  cc: "cpp",
  cjs: "javascript",
  clj: "clojure",
  cmd: "bat",
  console: "shellscript",
  cs: "csharp",
  dockerfile: "docker",
  env: "dotenv",
  erl: "erlang",
  ex: "elixir",
  exs: "elixir",
  fs: "fsharp",
  golang: "go",
  gql: "graphql",
  h: "c",
  hpp: "cpp",
  hs: "haskell",
  htm: "html",
  jl: "julia",
  js: "javascript",
  json5: "jsonc",
  kt: "kotlin",
  makefile: "make",
  md: "markdown",
  mjs: "javascript",
  ml: "ocaml",
  mysql: "sql",
  objc: "objective-c",
  patch: "diff",
  pl: "perl",
  postgresql: "sql",
  protobuf: "proto",
  ps1: "powershell",
  pwsh: "powershell",
  py: "python",
  python3: "python",
  rb: "ruby",
  react: "tsx",
  regex: "regexp",
  rs: "rust",
  sass: "scss",
  sh: "shellscript",
  shell: "shellscript",
  sol: "solidity",
  sqlite: "sql",
  svg: "xml",
  terraform: "hcl",
  tex: "latex",
  tf: "hcl",
  ts: "typescript",
  vbnet: "vb",
  yml: "yaml",
  zsh: "shellscript",
};

/** File name endings for downloads where they differ from the grammar's name. */
const endings: Record<string, string> = {
  typescript: "ts",
  javascript: "js",
  python: "py",
  shellscript: "sh",
  ruby: "rb",
  rust: "rs",
  csharp: "cs",
  kotlin: "kt",
  markdown: "md",
  haskell: "hs",
  latex: "tex",
  perl: "pl",
  powershell: "ps1",
  plaintext: "txt",
};

/** The grammar's name for what stands behind the fence, if there is one. */
export function grammarName(lang: string): string | undefined {
  const name = lang.toLowerCase();
  const known = aliases[name] ?? name;
  return names.has(known) ? known : undefined;
}

/** `heat_loss.py` when the fence names a file, else `code` with the language's ending. */
export function fileName(info: string, lang: string): string {
  const named = /(?:title=|file(?:name)?=)?"?([\w./-]+\.\w{1,8})"?$/.exec(info.trim())?.[1];
  if (named) return named.split("/").at(-1) ?? named;
  const grammar = grammarName(lang) ?? "plaintext";
  return `code.${endings[grammar] ?? grammar}`;
}
