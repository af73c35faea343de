import { Trans, useLingui } from "@lingui/react/macro";
import { useModels } from "@/api/models";
import type { ModelInfo } from "@/api/types";
import { Button } from "@/components/ui/button";

/** Whether a model is known not to see; one of which nothing is known may, and is asked. */
export function isBlind(model: ModelInfo | undefined): boolean {
  if (model?.drawing) return !model.drawing.edits;
  return model !== undefined && model.abilities.length > 0 && !model.abilities.includes("vision");
}

interface BlindProps {
  id: string;
  model: ModelInfo;
  onPick: (ref: string) => void;
  onRemove: () => void;
}

/** Why a message with images cannot go to this model, and the two ways on. */
export function Blind({ id, model, onPick, onRemove }: BlindProps) {
  const { t } = useLingui();
  const { data: models } = useModels();
  const draws = Boolean(model.drawing);
  const able = (item: ModelInfo) => (draws ? item.drawing?.edits : item.abilities.includes("vision"));
  const seeing = models?.items.filter((item) => able(item) && !item.demonstration) ?? [];
  // where the answer is written does not change by the way
  const other = seeing.find((item) => item.self_hosted === model.self_hosted) ?? seeing[0];
  const name = model.name;
  return (
    <div className="warn sm row wrap">
      <p id={id} role="status">
        {draws ? (
          <Trans>{name} draws, and cannot change pictures.</Trans>
        ) : other ? (
          <Trans>{name} cannot see images.</Trans>
        ) : (
          <Trans>{name} cannot see images, and no other model here can.</Trans>
        )}
      </p>
      <span className="grow" />
      {other ? (
        <Button small onClick={() => onPick(other.ref)} title={other.provider_name}>
          {t`Use ${other.name}`}
        </Button>
      ) : null}
      <Button small variant="ghost" onClick={onRemove}>
        <Trans>Remove images</Trans>
      </Button>
    </div>
  );
}
