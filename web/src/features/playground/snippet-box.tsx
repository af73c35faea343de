import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { findModel, useModels } from "@/api/models";
import { Tabs } from "@/components/ui/tabs";
import { Code } from "./code";
import type { Ask } from "./request";
import { type Client, LANGUAGES, type Language, snippet } from "./snippets";

/** Code that asks the same with a key, to be pasted as it is. */
export function SnippetBox({ ask, secret }: { ask: Ask; secret: string }) {
  const { t } = useLingui();
  const { data: models } = useModels();
  const [client, setClient] = useState<Client>("curl");
  const [wanted, setLanguage] = useState<Language>("python");
  const languages = LANGUAGES[client];
  const language = languages.includes(wanted) ? wanted : "python";
  const code = snippet(client, language, ask, {
    origin: location.origin,
    key: secret,
    abilities: findModel(models, ask.model)?.abilities,
  });
  return (
    <div className="snippets">
      <div className="row snippet-tabs">
        <Tabs
          label={t`Client`}
          value={client}
          onChange={setClient}
          tabs={[
            { value: "curl", label: "curl" },
            { value: "openai", label: "OpenAI" },
            { value: "anthropic", label: "Anthropic" },
            { value: "ollama", label: "Ollama" },
          ]}
        />
        {languages.length > 1 ? (
          <Tabs
            label={t`Language`}
            value={language}
            onChange={setLanguage}
            tabs={[
              { value: "python", label: "Python" },
              { value: "javascript", label: "JavaScript" },
            ]}
          />
        ) : null}
      </div>
      <Code label={t`Snippet`} text={code} />
    </div>
  );
}
