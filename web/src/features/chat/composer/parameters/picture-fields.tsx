import { Trans, useLingui } from "@lingui/react/macro";
import type { ModelInfo, Parameters } from "@/api/types";
import { Select } from "@/components/ui/select";

type Picture = NonNullable<Parameters["picture"]>;

interface PictureFieldsProps {
  drawing: NonNullable<ModelInfo["drawing"]>;
  picture: Picture;
  onChange: (picture: Picture | null) => void;
}

/** How pictures are to be: only what the model takes. */
export function PictureFields({ drawing, picture, onChange }: PictureFieldsProps) {
  const { t } = useLingui();
  const shapes = { square: t`Square`, landscape: t`Landscape`, portrait: t`Portrait` };
  const qualities = { low: t`Quick draft`, medium: t`Good`, high: t`Best` };
  const auto = { value: "auto", label: t`As the model likes` };
  const change = (next: Picture) => {
    const set = Object.entries(next).filter(([, value]) => value != null);
    onChange(set.length ? Object.fromEntries(set) : null);
  };
  const counts = Array.from({ length: drawing.most }, (_, at) => String(at + 1));
  return (
    <>
      {drawing.shapes.length > 0 ? (
        <Choice
          label={t`Shape`}
          value={picture.shape ?? "auto"}
          options={[auto, ...drawing.shapes.map((value) => ({ value, label: shapes[value] }))]}
          onChange={(value) =>
            change({ ...picture, shape: value === "auto" ? null : (value as Picture["shape"]) })
          }
        />
      ) : null}
      {drawing.qualities.length > 0 ? (
        <Choice
          label={t`Quality`}
          value={picture.quality ?? "auto"}
          options={[auto, ...drawing.qualities.map((value) => ({ value, label: qualities[value] }))]}
          onChange={(value) =>
            change({ ...picture, quality: value === "auto" ? null : (value as Picture["quality"]) })
          }
        />
      ) : null}
      {drawing.most > 1 ? (
        <Choice
          label={t`Pictures`}
          value={String(Math.min(picture.count ?? 1, drawing.most))}
          options={counts.map((value) => ({ value, label: value }))}
          onChange={(value) => change({ ...picture, count: value === "1" ? null : Number(value) })}
        />
      ) : null}
      <p className="hint sm">
        <Trans>This model draws what your message says. It is not shown what was said before.</Trans>
      </p>
    </>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <div className="parameter">
      <span className="label" aria-hidden="true">
        {label}
      </span>
      <Select label={label} value={value} options={options} onChange={onChange} />
    </div>
  );
}
