// Prints the playground's snippets as JSON: node snippets.mjs BUNDLE ORIGIN KEY ASKS, where ASKS is a JSON list of forms.
const [bundle, origin, key, asks] = process.argv.slice(2);
const { snippet, LANGUAGES, EMPTY } = await import(bundle);
const abilities = ["tools", "json_schema", "reasoning"];
const found = JSON.parse(asks).flatMap(({ name, ...ask }) =>
  Object.entries(LANGUAGES).flatMap(([client, languages]) =>
    (languages.length ? languages : ["shell"]).map((language) => ({
      name,
      client,
      language,
      stream: ask.stream ?? EMPTY.stream,
      code: snippet(client, language, { ...EMPTY, ...ask }, { origin, key, abilities }),
    })),
  ),
);
console.log(JSON.stringify(found));
