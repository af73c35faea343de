import { Trans, useLingui } from "@lingui/react/macro";
import { ArrowUp, Maximize2, Minimize2, Plus, Square } from "lucide-react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useMe } from "@/api/bootstrap";
import { findModel, useModels } from "@/api/models";
import type { PartInput, ReasoningEffort } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { useReport } from "@/features/errors/report";
import { ModelButton } from "@/features/picker/model-button";
import { isMac } from "@/lib/keys";
import { useIsPhone } from "@/lib/media";
import { useChat } from "../state";
import { IMAGE_TYPES, useAttachments } from "./attachments";
import { draftSent } from "./drafts";
import { useFileDrop } from "./drop";
import { Editor } from "./editor";
import { EffortMenu } from "./effort-menu";
import { Gauge } from "./gauge";
import { Tiles } from "./tiles";
import { useDraft } from "./use-draft";

export interface Outgoing {
  /** The key of the draft that is sent. */
  key: string;
  parts: PartInput[];
  model: string;
  effort: ReasoningEffort | null;
}

interface ComposerProps {
  /** The thread's id, or "new". */
  scope: string;
  /** The model of the thread; the last chosen or default one otherwise. */
  model?: string | null;
  /** Takes the message in before it returns. */
  onSend: (message: Outgoing) => void;
  onModel?: (model: string) => void;
  /** An answer is being written: a message waits its turn, and there is something to stop. */
  running?: boolean;
  onStop?: () => void;
  stopping?: boolean;
  /** Tokens of the context in use, when known. */
  used?: number | null;
  autoFocus?: boolean;
}

/** Where one writes: text, images, model. */
export function Composer({
  scope,
  model: threadModel,
  onSend,
  onModel,
  running,
  onStop,
  stopping,
  used,
  autoFocus,
}: ComposerProps) {
  const { t } = useLingui();
  const id = useId();
  const report = useReport();
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [tall, setTall] = useState(false);
  const draft = useDraft(scope);
  const images = useAttachments(draft.fileIds, draft.setFileIds, report);
  const dropping = useFileDrop(images.add);
  const { model, loading, effort, choose, setEffort } = useChosenModel(scope, threadModel, onModel);

  const text = draft.text.trim();
  const uploading = images.items.some((item) => item.state === "uploading");
  const files = images.items.flatMap((item) => (item.state === "ready" && item.fileId ? [item.fileId] : []));
  const ready = (text !== "" || files.length > 0) && !uploading && model !== undefined;
  // Enter came while the models were still loading or an image was on its way: it is sent as soon as it can be
  const [wanted, setWanted] = useState(false);
  const blind = images.items.length > 0 && model !== undefined && !model.abilities.includes("vision");

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    setWanted(!ready && (uploading || (loading && text !== "")));
    if (!ready) return;
    const parts: PartInput[] = files.map((file_id) => ({ type: "image", file_id }));
    if (text) parts.push({ type: "text", text });
    onSend({ key: draft.key, parts, model: model.ref, effort });
    draftSent(scope);
    images.clear();
    setTall(false);
    area.current?.focus();
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: only becoming ready sends
  useEffect(() => {
    if (wanted && ready) submit();
  }, [wanted, ready]);

  return (
    <form className="composer" onSubmit={submit}>
      {dropping ? (
        <div className="drop" aria-hidden="true">
          <Trans>Drop images here</Trans>
        </div>
      ) : null}
      <Tiles items={images.items} onRemove={images.remove} />
      {blind ? (
        <p className="warn sm" role="status">
          <Trans>{model.name} cannot see images. Pick a model that can.</Trans>
        </p>
      ) : null}
      <Editor
        element={area}
        id={id}
        value={draft.text}
        onChange={(value) => {
          setWanted(false);
          draft.setText(value);
        }}
        onSubmit={() => submit()}
        placeholder={usePlaceholder(scope)}
        tall={tall}
        autoFocus={autoFocus}
      />
      <div className="composer-bar">
        <input
          ref={picker}
          type="file"
          accept={IMAGE_TYPES.join()}
          multiple
          hidden
          onChange={(event) => {
            images.add(event.target.files ?? []);
            event.target.value = "";
          }}
        />
        <IconButton label={t`Attach images`} side="top" onClick={() => picker.current?.click()}>
          <Plus className="i-18" />
        </IconButton>
        {model?.abilities.includes("reasoning") ? <EffortMenu value={effort} onChange={setEffort} /> : null}
        <span className="grow" />
        {tall || draft.text.split("\n").length > 5 ? (
          <IconButton
            label={tall ? t`Make smaller` : t`Make larger`}
            side="top"
            aria-pressed={tall}
            onClick={() => setTall(!tall)}
          >
            {tall ? <Minimize2 /> : <Maximize2 />}
          </IconButton>
        ) : null}
        {used && model?.context_tokens ? <Gauge used={used} total={model.context_tokens} /> : null}
        <ModelButton model={model} missing={threadModel} onPick={choose} />
        {running && !ready ? (
          <IconButton label={t`Stop`} side="top" className="send" aria-disabled={stopping} onClick={onStop}>
            <Square className="i-14 fill-current" />
          </IconButton>
        ) : (
          <IconButton
            label={running ? t`Send after this answer` : t`Send`}
            keys={isMac ? "⌘ ↵" : "Ctrl ↵"}
            side="top"
            type="submit"
            className="send"
            aria-disabled={!ready}
          >
            <ArrowUp className="i-18" />
          </IconButton>
        )}
      </div>
    </form>
  );
}

function usePlaceholder(scope: string): string {
  const { t } = useLingui();
  const { send_key: sendKey } = useMe().preferences;
  const phone = useIsPhone();
  if (scope !== "new") return t`Write a message`;
  if (phone) return t`Ask something`;
  if (sendKey === "mod_enter")
    return isMac ? t`Ask something; ⌘ + Enter sends` : t`Ask something; Ctrl + Enter sends`;
  return t`Ask something; Enter sends, Shift + Enter starts a line`;
}

/** The model in use here: chosen in this tab, the thread's own, one's default, the server's default. */
function useChosenModel(
  scope: string,
  threadModel: string | null | undefined,
  onModel: ((model: string) => void) | undefined,
) {
  const { data: list } = useModels();
  const { default_model: own } = useMe().preferences;
  const chosen = useChat((state) => state.models[scope]);
  const effort = useChat((state) => state.efforts[scope] ?? null);
  const { chooseModel, chooseEffort } = useChat.getState();
  const wishes = [chosen, threadModel, own, list?.default];
  const model =
    wishes.map((ref) => findModel(list, ref)).find((found) => found !== undefined) ?? list?.items[0];
  return {
    model,
    loading: list === undefined,
    effort,
    choose: (ref: string) => {
      chooseModel(scope, ref);
      onModel?.(ref);
    },
    setEffort: (value: ReasoningEffort | null) => chooseEffort(scope, value),
  };
}
