/** The grammars that can be loaded, one small file each. A fence's name is looked up here and in `aliases`. */
import type { LanguageRegistration } from "shiki/core";

type Grammar = () => Promise<{ default: LanguageRegistration[] }>;

const grammars: Record<string, Grammar> = {
  asm: () => import("@shikijs/langs-precompiled/asm"),
  astro: () => import("@shikijs/langs-precompiled/astro"),
  bat: () => import("@shikijs/langs-precompiled/bat"),
  c: () => import("@shikijs/langs-precompiled/c"),
  clojure: () => import("@shikijs/langs-precompiled/clojure"),
  cmake: () => import("@shikijs/langs-precompiled/cmake"),
  cpp: () => import("@shikijs/langs-precompiled/cpp"),
  csharp: () => import("@shikijs/langs-precompiled/csharp"),
  css: () => import("@shikijs/langs-precompiled/css"),
  csv: () => import("@shikijs/langs-precompiled/csv"),
  dart: () => import("@shikijs/langs-precompiled/dart"),
  diff: () => import("@shikijs/langs-precompiled/diff"),
  docker: () => import("@shikijs/langs-precompiled/docker"),
  dotenv: () => import("@shikijs/langs-precompiled/dotenv"),
  elixir: () => import("@shikijs/langs-precompiled/elixir"),
  erlang: () => import("@shikijs/langs-precompiled/erlang"),
  fsharp: () => import("@shikijs/langs-precompiled/fsharp"),
  go: () => import("@shikijs/langs-precompiled/go"),
  graphql: () => import("@shikijs/langs-precompiled/graphql"),
  groovy: () => import("@shikijs/langs-precompiled/groovy"),
  haskell: () => import("@shikijs/langs-precompiled/haskell"),
  hcl: () => import("@shikijs/langs-precompiled/hcl"),
  html: () => import("@shikijs/langs-precompiled/html"),
  ini: () => import("@shikijs/langs-precompiled/ini"),
  java: () => import("@shikijs/langs-precompiled/java"),
  javascript: () => import("@shikijs/langs-precompiled/javascript"),
  json: () => import("@shikijs/langs-precompiled/json"),
  jsonc: () => import("@shikijs/langs-precompiled/jsonc"),
  jsx: () => import("@shikijs/langs-precompiled/jsx"),
  julia: () => import("@shikijs/langs-precompiled/julia"),
  kotlin: () => import("@shikijs/langs-precompiled/kotlin"),
  latex: () => import("@shikijs/langs-precompiled/latex"),
  log: () => import("@shikijs/langs-precompiled/log"),
  lua: () => import("@shikijs/langs-precompiled/lua"),
  make: () => import("@shikijs/langs-precompiled/make"),
  markdown: () => import("@shikijs/langs-precompiled/markdown"),
  matlab: () => import("@shikijs/langs-precompiled/matlab"),
  mdx: () => import("@shikijs/langs-precompiled/mdx"),
  nginx: () => import("@shikijs/langs-precompiled/nginx"),
  nix: () => import("@shikijs/langs-precompiled/nix"),
  "objective-c": () => import("@shikijs/langs-precompiled/objective-c"),
  ocaml: () => import("@shikijs/langs-precompiled/ocaml"),
  perl: () => import("@shikijs/langs-precompiled/perl"),
  php: () => import("@shikijs/langs-precompiled/php"),
  powershell: () => import("@shikijs/langs-precompiled/powershell"),
  proto: () => import("@shikijs/langs-precompiled/proto"),
  python: () => import("@shikijs/langs-precompiled/python"),
  r: () => import("@shikijs/langs-precompiled/r"),
  regexp: () => import("@shikijs/langs-precompiled/regexp"),
  ruby: () => import("@shikijs/langs-precompiled/ruby"),
  rust: () => import("@shikijs/langs-precompiled/rust"),
  scala: () => import("@shikijs/langs-precompiled/scala"),
  scss: () => import("@shikijs/langs-precompiled/scss"),
  shellscript: () => import("@shikijs/langs-precompiled/shellscript"),
  solidity: () => import("@shikijs/langs-precompiled/solidity"),
  sql: () => import("@shikijs/langs-precompiled/sql"),
  svelte: () => import("@shikijs/langs-precompiled/svelte"),
  swift: () => import("@shikijs/langs-precompiled/swift"),
  toml: () => import("@shikijs/langs-precompiled/toml"),
  tsx: () => import("@shikijs/langs-precompiled/tsx"),
  typescript: () => import("@shikijs/langs-precompiled/typescript"),
  vb: () => import("@shikijs/langs-precompiled/vb"),
  vue: () => import("@shikijs/langs-precompiled/vue"),
  wasm: () => import("@shikijs/langs-precompiled/wasm"),
  xml: () => import("@shikijs/langs-precompiled/xml"),
  yaml: () => import("@shikijs/langs-precompiled/yaml"),
  zig: () => import("@shikijs/langs-precompiled/zig"),
};

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
  return Object.hasOwn(grammars, known) ? known : undefined;
}

export async function loadGrammar(name: string): Promise<LanguageRegistration[]> {
  const grammar = grammars[name];
  return grammar ? (await grammar()).default : [];
}

/** `heat_loss.py` when the fence names a file, else `code` with the language's ending. */
export function fileName(info: string, lang: string): string {
  const named = /(?:title=|file(?:name)?=)?"?([\w./-]+\.\w{1,8})"?$/.exec(info.trim())?.[1];
  if (named) return named.split("/").at(-1) ?? named;
  const grammar = grammarName(lang) ?? "plaintext";
  return `code.${endings[grammar] ?? grammar}`;
}
