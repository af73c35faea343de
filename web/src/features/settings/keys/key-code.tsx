import { useModels } from "@/api/models";
import type { KeyInfo } from "@/api/types";
import { EMPTY } from "@/features/playground/request";
import { SnippetBox } from "@/features/playground/snippet-box";
import { exampleModel } from "@/features/playground/snippets";

/** Code that greets a model which the key may ask. */
export function KeyCode({ info, secret }: { info: KeyInfo; secret: string }) {
  const { data: models } = useModels();
  const refs = models?.items.map((model) => model.ref) ?? [];
  const model = exampleModel(info.models, refs, models?.default);
  return <SnippetBox ask={{ ...EMPTY, model, stream: false }} secret={secret} />;
}
