import "./translation.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Cloud, House, Languages, RefreshCw, Square, TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import { removeTranslation } from "@/api/messages";
import { useModels } from "@/api/models";
import type { Message } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import { focusMessage } from "@/features/chat/focus";
import { useErrorText } from "@/features/errors/error-text";
import { useReport } from "@/features/errors/report";
import { CopyButton } from "@/features/markdown/copy-button";
import { LazyMarkdown } from "@/features/markdown/lazy-markdown";
import { languageName, languages } from "./languages";
import { stopTranslating, type Translating, translate, type Who } from "./state";

interface TranslationBlockProps {
  message: Message;
  /** What is being written, or what failed. */
  doing: Translating | undefined;
}

/** A message in another language: as it is written, as it is kept, or why it is not there. */
export function TranslationBlock({ message, doing }: TranslationBlockProps) {
  const { t } = useLingui();
  const report = useReport();
  const kept = message.translation;
  const language = doing?.language ?? kept?.language ?? "en";
  const name = languageName(language);
  const text = doing ? doing.text : (kept?.text ?? "");
  const who = doing ? doing.who : kept;
  const live = doing !== undefined && doing.error === null;
  const [begun, setBegun] = useState(live);
  if (live && !begun) setBegun(true);
  const away = () => {
    if (!doing || !kept) focusMessage(message.id, "more"); // nothing is left here
    if (doing) stopTranslating(message.id);
    else void removeTranslation(message).catch(report);
  };
  return (
    <div role="group" className="translation" aria-label={t`Translation into ${name}`} aria-busy={live}>
      <div className="translation-head">
        <Languages className="i-14" />
        <Select
          label={t`Language of the translation`}
          className="translation-select"
          value={language}
          options={languages()}
          onChange={(next) => void translate(message, next)}
        />
        {who ? <Origin who={who} /> : null}
        <span className="grow" />
        {text && !doing ? <CopyButton label={t`Copy the translation`} content={() => text} /> : null}
        <IconButton
          label={live ? t`Stop translating` : doing ? t`Close` : t`Remove the translation`}
          onClick={away}
        >
          {live ? <Square className="i-14" /> : <X className="i-14" />}
        </IconButton>
      </div>
      <p className="visually-hidden" role="status">
        {begun && !doing && text ? <Trans>Translated into {name}</Trans> : null}
      </p>
      <Words message={message} doing={doing} name={name} />
    </div>
  );
}

/** Who translated, and where. */
function Origin({ who }: { who: Who }) {
  const { t } = useLingui();
  const { data } = useModels();
  const model = data?.items.find(
    ({ id, provider_name }) => id === who.model_id && provider_name === who.provider_name,
  );
  const side = who.self_hosted ? "in" : "out";
  return (
    <span className="translation-who clip" title={who.model_id}>
      <span className={side}>{who.self_hosted ? <House /> : <Cloud />}</span>
      <span className="clip">{model?.name ?? who.model_id}</span>
      <span className={`only-wide ${side}`}>{who.self_hosted ? t`in-house` : who.provider_name}</span>
    </span>
  );
}

/** The words so far, or why there are none. */
function Words({ message, doing, name }: TranslationBlockProps & { name: string }) {
  if (doing?.error) return <Failed message={message} doing={doing} />;
  const kept = doing ?? message.translation;
  if (!kept) return null;
  if (doing && !kept.text)
    return (
      <p className="stage" role="status">
        <span className="pulse" />
        <Trans>Translating into {name}</Trans>
      </p>
    );
  return (
    <>
      <div lang={kept.language} dir="auto" className="translation-words">
        <LazyMarkdown text={kept.text} live={doing !== undefined} />
      </div>
      {!doing && message.translation?.cut ? (
        <p className="hint sm">
          <Trans>Cut off at the model's longest answer.</Trans>
        </p>
      ) : null}
    </>
  );
}

function Failed({ message, doing }: { message: Message; doing: Translating }) {
  const { t } = useLingui();
  const errorText = useErrorText();
  const { error, language } = doing;
  if (!error) return null;
  const away = error.code === "unreachable";
  const { title, what } = away
    ? { title: t`The server cannot be reached`, what: t`Nothing was translated, and nothing was changed.` }
    : errorText(error);
  return (
    <div className="translation-failed" role="alert">
      <p className="row">
        <TriangleAlert className="i-14" />
        <b>{title}</b>
      </p>
      <p className="hint">{what}</p>
      <Button small onClick={() => void translate(message, language)}>
        <RefreshCw className="i-14" />
        <Trans>Try again</Trans>
      </Button>
    </div>
  );
}
