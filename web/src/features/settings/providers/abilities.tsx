import { useLingui } from "@lingui/react/macro";
import { AudioLines, Braces, Brain, Eye, Image, type LucideIcon, Waypoints, Wrench } from "lucide-react";
import type { ModelInfo } from "@/api/types";

type Ability = ModelInfo["abilities"][number];

const ICONS: Record<Ability, LucideIcon> = {
  vision: Eye,
  tools: Wrench,
  reasoning: Brain,
  json_schema: Braces,
  audio: AudioLines,
  image_output: Image,
  embeddings: Waypoints,
};
const ORDER: Ability[] = ["vision", "tools", "reasoning", "audio", "image_output", "embeddings"];

/** What a model can do, each as an icon with its word. */
export function Abilities({ of }: { of: Ability[] }) {
  const { t } = useLingui();
  const words: Record<Ability, string> = {
    vision: t`sees images`,
    tools: t`tools`,
    reasoning: t`reasons`,
    json_schema: t`JSON`,
    audio: t`hears`,
    image_output: t`draws`,
    embeddings: t`embeddings`,
  };
  return (
    <span className="cans">
      {ORDER.filter((ability) => of.includes(ability)).map((ability) => {
        const Icon = ICONS[ability];
        return (
          <span key={ability} className="can">
            <Icon className="i-14" aria-hidden="true" />
            {words[ability]}
          </span>
        );
      })}
    </span>
  );
}
