import { Trans, useLingui } from "@lingui/react/macro";
import { Plus, X } from "lucide-react";
import { useId } from "react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import type { FieldsProps } from "./ask-form";
import type { Said } from "./request";

/** What was said so far, each with who said it. */
export function Messages({ ask, set, wrong }: FieldsProps) {
  const { t } = useLingui();
  const note = useId();
  const { messages } = ask;
  const change = (id: string, fields: Partial<Said>) =>
    set({ messages: messages.map((said) => (said.id === id ? { ...said, ...fields } : said)) });
  const add = () => {
    const role = messages.at(-1)?.role === "user" ? "assistant" : "user";
    set({ messages: [...messages, { id: crypto.randomUUID(), role, text: "" }] });
  };
  const options = [
    { value: "user" as const, label: t`User` },
    { value: "assistant" as const, label: t`Assistant` },
  ];
  return (
    <fieldset aria-describedby={wrong.has("messages") ? note : undefined}>
      <legend className="label">
        <Trans>Messages</Trans>
      </legend>
      <ol className="ask-messages">
        {messages.map((said, index) => {
          const place = index + 1;
          return (
            <li key={said.id}>
              <div className="row">
                <Select
                  label={t`Who says message ${place}`}
                  value={said.role}
                  options={options}
                  onChange={(role) => change(said.id, { role })}
                />
                <span className="grow" />
                {messages.length > 1 ? (
                  <IconButton
                    label={t`Remove message ${place}`}
                    onClick={() => set({ messages: messages.filter((other) => other !== said) })}
                  >
                    <X className="i-14" />
                  </IconButton>
                ) : null}
              </div>
              <textarea
                className="area"
                aria-label={t`Message ${place}`}
                rows={2}
                value={said.text}
                onChange={(event) => change(said.id, { text: event.target.value })}
              />
            </li>
          );
        })}
      </ol>
      {wrong.has("messages") ? (
        <p id={note} className="field-error" role="alert">
          {t`Write at least one message.`}
        </p>
      ) : null}
      <Button variant="ghost" small onClick={add}>
        <Plus className="i-14" />
        <Trans>Add message</Trans>
      </Button>
    </fieldset>
  );
}
