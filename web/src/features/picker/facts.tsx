import { Trans, useLingui } from "@lingui/react/macro";
import { Brain, Cloud, Eye, EyeOff, House, Paintbrush, ScrollText, Star, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import type { ModelInfo } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { contextSize, count, fileSize } from "@/lib/format";
import { AUTO, LONG_CONTEXT } from "./list";
import { useModelLabel } from "./model-label";
import { useProviderLabel } from "./provider-label";

/** Small icons of what a model can, with their words as names. */
export function AbilityIcons({ model }: { model: ModelInfo }) {
  const { t } = useLingui();
  const icons: [boolean, string, ReactNode][] = [
    [Boolean(model.drawing), t`Draws pictures`, <Paintbrush key="brush" className="i-14" />],
    [model.abilities.includes("vision"), t`Sees images`, <Eye key="eye" className="i-14" />],
    [model.abilities.includes("tools"), t`Uses tools`, <Wrench key="wrench" className="i-14" />],
    [model.abilities.includes("reasoning"), t`Reasons`, <Brain key="brain" className="i-14" />],
    [
      (model.context_tokens ?? 0) >= LONG_CONTEXT,
      t`Long context`,
      <ScrollText key="scroll" className="i-14" />,
    ],
  ];
  return (
    <span className="can">
      {icons.map(([can, name, icon]) =>
        can ? (
          <span key={name} role="img" title={name} aria-label={name}>
            {icon}
          </span>
        ) : null,
      )}
    </span>
  );
}

/** Price per million tokens, in / out. */
export function Price({ model }: { model: ModelInfo }): ReactNode {
  const { t } = useLingui();
  if (model.self_hosted) return t`free`;
  if (model.ref === AUTO) return t`varies`;
  if (!model.prices) return t`free`;
  const { input, output } = model.prices;
  if (input === null || output === null) return t`unknown`;
  return `$${plain(input)} / ${plain(output)}`;
}

function plain(price: number): string {
  return Number.isInteger(price) ? String(price) : price.toFixed(2);
}

/** On a phone there is no room for columns or for the detail beside the list: what matters stands below the name. */
export function PhoneFacts({ model }: { model: ModelInfo }) {
  const { t } = useLingui();
  const size = model.context_tokens ? contextSize(model.context_tokens) : null;
  return (
    <span className="hint sm clip block">
      <Price model={model} />
      {size ? ` · ${t`${size} context`}` : null}
      {model.demonstration ? ` · ${t`often wrong`}` : null}
    </span>
  );
}

interface DetailProps {
  model: ModelInfo;
  favourite: boolean;
  onFavourite: () => void;
}

/** All that is known of one model, beside the list. */
export function ModelDetail({ model, favourite, onFavourite }: DetailProps) {
  const { t, i18n } = useLingui();
  const sees = model.abilities.includes("vision");
  const label = useModelLabel();
  const size = model.context_tokens ? count(i18n, model.context_tokens) : null;
  return (
    <div className="picker-detail scroll">
      <div className="row">
        <h2 className="grow break-words">{label(model)}</h2>
        <IconButton
          label={favourite ? t`Remove from favourites` : t`Add to favourites`}
          aria-pressed={favourite}
          className={favourite ? "is-fav" : ""}
          onClick={onFavourite}
        >
          <Star />
        </IconButton>
      </div>
      <About model={model} />
      <Answers model={model} />
      <ul className="abilities">
        {model.abilities.includes("tools") ? (
          <li>
            <Wrench />
            <Trans>Uses tools</Trans>
          </li>
        ) : null}
        {model.abilities.includes("reasoning") ? (
          <li>
            <Brain />
            <Trans>Reasons</Trans>
          </li>
        ) : null}
        {model.drawing ? (
          <li>
            <Paintbrush />
            {model.drawing.edits ? <Trans>Draws and changes pictures</Trans> : <Trans>Draws pictures</Trans>}
          </li>
        ) : (
          <li className={sees ? "" : "off"}>
            {sees ? <Eye /> : <EyeOff />}
            {sees ? <Trans>Sees images</Trans> : <Trans>Cannot see images</Trans>}
          </li>
        )}
      </ul>
      <dl className="facts">
        {size ? <Fact name={t`Context`} value={t`${size} tokens`} /> : null}
        <Fact name={t`Price`} value={<Price model={model} />} />
        {model.knowledge_cutoff ? (
          <Fact
            name={t`Knows until`}
            value={i18n.date(new Date(model.knowledge_cutoff), { year: "numeric", month: "short" })}
          />
        ) : null}
        {model.size_bytes ? <Fact name={t`Size`} value={fileSize(i18n, model.size_bytes)} /> : null}
        {model.license ? <Fact name={t`Licence`} value={model.license} /> : null}
      </dl>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function About({ model }: { model: ModelInfo }) {
  const words =
    model.ref === AUTO ? (
      <Trans>Easy questions are answered in the house, hard ones by the model that is up to them.</Trans>
    ) : model.provider_id === "echo" ? (
      <Trans>No model: gives back what it is sent, for tests.</Trans>
    ) : !model.demonstration ? (
      model.description
    ) : model.languages?.join() === "en" ? (
      <Trans>A small model to try things out with. It speaks only English and is often wrong.</Trans>
    ) : (
      <Trans>A small model to try things out with. It is often wrong.</Trans>
    );
  return words ? <p className="quiet">{words}</p> : null;
}

/** Who answers, where that is one of several, and where they run. */
function Answers({ model }: { model: ModelInfo }) {
  const provider = useProviderLabel()(model.provider_id, model.provider_name);
  const auto = model.ref === AUTO;
  const targets = model.targets.join(", ");
  const which = auto ? (
    <Trans>One of these answers: {targets}</Trans>
  ) : (
    <Trans>An alias. One of these answers: {targets}</Trans>
  );
  const inside = auto ? <Trans>always in-house</Trans> : <Trans>in-house, {provider}</Trans>;
  return (
    <>
      {targets ? <p className="quiet">{which}</p> : null}
      {auto && !model.self_hosted ? null : (
        <span className={`pill mt-3 ${model.self_hosted ? "pill-in" : "pill-out"}`}>
          {model.self_hosted ? <House className="i-14" /> : <Cloud className="i-14" />}
          <span title={provider}>{model.self_hosted ? inside : <Trans>outside, {provider}</Trans>}</span>
        </span>
      )}
    </>
  );
}
