import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useModels } from "@/api/models";
import type { KeyInfo } from "@/api/types";
import { Tabs } from "@/components/ui/tabs";
import { CopyButton } from "@/features/markdown/copy-button";
import { type Client, exampleModel, type Language, snippet } from "./snippets";

/** Code that asks a model with a key, to be pasted as it is. */
export function SnippetBox({ info, secret }: { info: KeyInfo; secret: string }) {
  const { t } = useLingui();
  const { data: models } = useModels();
  const [client, setClient] = useState<Client>("curl");
  const [language, setLanguage] = useState<Language>("python");
  const refs = models?.items.map((model) => model.ref) ?? [];
  const code = snippet(client, language, {
    origin: location.origin,
    key: secret,
    model: exampleModel(info.models, refs, models?.default),
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
          ]}
        />
        {client === "curl" ? null : (
          <Tabs
            label={t`Language`}
            value={language}
            onChange={setLanguage}
            tabs={[
              { value: "python", label: "Python" },
              { value: "javascript", label: "JavaScript" },
            ]}
          />
        )}
        <span className="grow" />
        <CopyButton label={t`Copy code`} content={() => code} />
      </div>
      <section className="code" aria-label={t`Code`}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>
          <code>{code}</code>
        </pre>
      </section>
    </div>
  );
}
