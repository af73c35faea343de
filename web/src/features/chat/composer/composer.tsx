import { Trans, useLingui } from "@lingui/react/macro";
import { ArrowUp, Maximize2, Minimize2, Square } from "lucide-react";
import { type ClipboardEvent, type FormEvent, Suspense, useEffect, useId, useRef, useState } from "react";
import { useMe } from "@/api/bootstrap";
import { fileText } from "@/api/files";
import { uuid7 } from "@/api/ids";
import { useModels } from "@/api/models";
import type { ModelInfo, Parameters, PartInput, ReasoningEffort } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { useReport } from "@/features/errors/report";
import { wishedModel } from "@/features/picker/list";
import { ModelButton } from "@/features/picker/model-button";
import { isMac, keysLabel } from "@/lib/keys";
import { useIsPhone } from "@/lib/media";
import { useChat } from "../state";
import { type Attachment, LONG_PASTE, useAttachments } from "./attachments";
import { Blind, isBlind } from "./blind";
import { filled } from "./context";
import { Dictating, useDictationSwitch } from "./dictating";
import { draftSent } from "./drafts";
import { useFileDrop } from "./drop";
import { Editor } from "./editor";
import { Gauge } from "./gauge";
import { Once, useOnce } from "./once";
import { ResizeHandle, useComposerHeight } from "./resize-handle";
import { CompareButton, Rivals, useRivals } from "./rivals";
import { Suggest } from "./suggest/lazy-suggest";
import { useSuggest } from "./suggest/use-suggest";
import { Talking } from "./talking";
import { Tiles } from "./tiles";
import { Tools } from "./tools";
import { useDraft } from "./use-draft";
import { useRefused } from "./use-refused";

export interface Outgoing {
  /** The key of the draft that is sent. */
  key: string;
  parts: PartInput[];
  model: string;
  /** Models that answer the same, beside `model`. */
  compare: string[];
  /** The chat goes on with this model, and `model` answers this message alone. */
  onward?: string;
  effort: ReasoningEffort | null;
}

interface ComposerProps {
  /** The thread's id, or "new". */
  scope: string;
  /** The model of the thread; the last chosen or default one otherwise. */
  model?: string | null;
  /** The chat is kept in the house, so that it goes on with a model there. */
  inHouse?: boolean;
  /** Takes the message in before it returns. */
  onSend: (message: Outgoing) => void;
  onModel?: (model: string) => void;
  /** What the chat sets of its model. */
  parameters: Parameters;
  onParameters: (parameters: Parameters) => void;
  /** An answer is being written: a message waits its turn, and there is something to stop. */
  running?: boolean;
  onStop?: () => void;
  stopping?: boolean;
  /** Tokens of the context in use, when known. */
  used?: number | null;
  autoFocus?: boolean;
}

/** Where one writes: text, files, model. */
export function Composer({
  scope,
  model: threadModel,
  inHouse = false,
  onSend,
  onModel,
  parameters,
  onParameters,
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
  const [tall, setTall] = useState(false);
  const sized = useComposerHeight();
  const draft = useDraft(scope);
  const attached = useAttachments(draft.fileIds, draft.setFileIds, useRefused());
  const dropping = useFileDrop((dropped) => attached.add(dropped));
  const chosen = useChosenModel(scope, threadModel, inHouse, onModel);
  const { loading, choose } = chosen;
  const once = useOnce(scope, inHouse);
  const model = once.model ?? chosen.model;
  const suggest = useSuggest(area, draft.text);

  const rivals = useRivals(scope, model?.ref, inHouse);
  const text = draft.text.trim();
  const uploading = attached.items.some((item) => item.state === "uploading");
  const files = attached.items.flatMap(partOf);
  const images = attached.items.filter((item) => item.kind === "image").length;
  const blind = images > 0 && isBlind(model) ? model : undefined;
  const said = text !== "" || (files.length > 0 && !model?.drawing);
  const ready = said && !uploading && !blind && model !== undefined;
  // Enter came while the models were still loading or an image was on its way: it is sent as soon as it can be
  const [wanted, setWanted] = useState(false);

  const dictation = useDictationSwitch(area);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    setWanted(!ready && !blind && (uploading || (loading && text !== "")));
    if (!ready) return;
    const parts = [...files];
    if (text) parts.push({ type: "text", text });
    onSend({
      key: draft.key,
      parts,
      model: model.ref,
      compare: rivals.refs,
      effort: parameters.reasoning_effort ?? null,
      onward: once.model && chosen.model?.ref,
    });
    rivals.clear();
    once.choose(undefined);
    draftSent(scope);
    attached.clear();
    setTall(false);
    area.current?.focus();
  };

  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData("text/plain");
    if (pasted.length <= LONG_PASTE || event.clipboardData.files.length > 0) return;
    event.preventDefault();
    const names = new Set(attached.items.map((item) => item.name));
    let name = `${t`Pasted text`}.txt`;
    for (let number = 2; names.has(name); number += 1) name = `${t`Pasted text`} ${number}.txt`;
    attached.add([new File([pasted], name, { type: "text/plain" })], true);
  };

  /** A file's words take its place, where the caret is. */
  const insert = async (item: Attachment) => {
    try {
      const words = item.local ? await item.local.text() : await fileText(item.fileId ?? "");
      attached.remove(item.key);
      const { selectionStart: at = draft.text.length, selectionEnd: end = at } = area.current ?? {};
      draft.setText(`${draft.text.slice(0, at)}${words}${draft.text.slice(end)}`);
      area.current?.focus();
    } catch (error) {
      report(error);
    }
  };

  const say = (said: string) => {
    if (!chosen.model) return;
    const parts: PartInput[] = [{ type: "text", text: said }];
    const effort = parameters.reasoning_effort ?? null;
    onSend({ key: uuid7(), parts, model: chosen.model.ref, compare: [], effort });
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: only becoming ready sends
  useEffect(() => {
    if (wanted && ready) submit();
  }, [wanted, ready]);

  return (
    <form className="composer" onSubmit={submit}>
      <ResizeHandle area={area} id={id} sized={sized} onStart={() => setTall(false)} />
      {dropping ? (
        <div className="drop" aria-hidden="true">
          <Trans>Drop files here</Trans>
        </div>
      ) : null}
      {suggest.wanted ? (
        <Suspense>
          <Suggest id={`${id}-suggest`} suggest={suggest} inHouse={inHouse} onModel={once.choose} />
        </Suspense>
      ) : null}
      <Once once={once} />
      <Rivals rivals={rivals} />
      <Tiles items={attached.items} onRemove={attached.remove} onInsert={insert} />
      {blind ? (
        <Blind
          id={`${id}-blind`}
          model={blind}
          onPick={once.model ? once.choose : choose}
          onRemove={attached.removeImages}
        />
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
        onPaste={onPaste}
        menu={{ list: `${id}-suggest-list`, ...suggest.field }}
        placeholder={usePlaceholder(scope, model)}
        tall={tall}
        height={sized.height}
        autoFocus={autoFocus}
      />
      <Talking
        scope={scope}
        inHouse={inHouse}
        running={running}
        onSaid={say}
        onStop={onStop}
        onEnd={() => area.current?.focus()}
      />
      <Dictating dictation={dictation} scope={scope} inHouse={inHouse} />
      <div className="composer-bar">
        <Tools
          model={model}
          parameters={parameters}
          onParameters={onParameters}
          onFiles={(chosen) => attached.add(chosen)}
          dictation={dictation}
        />
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
        <Context
          model={model}
          used={used ?? null}
          parameters={parameters}
          draft={draft.text}
          images={images}
          bytes={attached.items.reduce((sum, item) => sum + (item.kind === "text" ? (item.size ?? 0) : 0), 0)}
        />
        <CompareButton rivals={rivals} inHouse={inHouse} />
        <ModelButton model={chosen.model} missing={threadModel} inHouse={inHouse} onPick={choose} />
        <SendButton
          ready={ready}
          running={running}
          stopping={stopping}
          onStop={onStop}
          why={blind ? `${id}-blind` : undefined}
        />
      </div>
    </form>
  );
}

function partOf({ kind, state, fileId }: Attachment): PartInput[] {
  if (state !== "ready" || !fileId) return [];
  return [{ type: kind === "image" ? "image" : "file", file_id: fileId }];
}

interface ContextProps {
  model: ModelInfo | undefined;
  used: number | null;
  parameters: Parameters;
  draft: string;
  images: number;
  bytes: number;
}

/** How full the context is, once there is something in it. */
function Context({ model, used, parameters, draft, images, bytes }: ContextProps) {
  const context = model?.context_tokens;
  if (!context) return null;
  const longest = parameters.max_tokens ?? model.max_output_tokens;
  const now = filled({ context, used, system: parameters.system ?? "", draft, images, bytes, longest });
  return used || now.part >= 0.01 ? <Gauge filled={now} total={context} /> : null;
}

interface SendButtonProps extends Pick<ComposerProps, "running" | "stopping" | "onStop"> {
  ready: boolean;
  /** The id of what says why it cannot be sent. */
  why: string | undefined;
}

function SendButton({ ready, running, stopping, onStop, why }: SendButtonProps) {
  const { t } = useLingui();
  const { send_key: sendKey } = useMe().preferences;
  return running && !ready ? (
    <IconButton label={t`Stop`} side="top" className="send" aria-disabled={stopping} onClick={onStop}>
      <Square className="i-14 fill-current" />
    </IconButton>
  ) : (
    <IconButton
      label={running ? t`Send after this answer` : t`Send`}
      keys={keysLabel(sendKey === "mod_enter" ? "mod+enter" : "enter")}
      side="top"
      type="submit"
      className="send"
      aria-disabled={!ready}
      aria-describedby={why}
    >
      <ArrowUp className="i-18" />
    </IconButton>
  );
}

function usePlaceholder(scope: string, model: ModelInfo | undefined): string {
  const { t } = useLingui();
  const { send_key: sendKey } = useMe().preferences;
  const phone = useIsPhone();
  if (model?.drawing) return t`Describe a picture`;
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
  inHouse: boolean,
  onModel: ((model: string) => void) | undefined,
) {
  const { data: list } = useModels();
  const { default_model: own } = useMe().preferences;
  const chosen = useChat((state) => state.models[scope]);
  const { chooseModel } = useChat.getState();
  const model = wishedModel(list, [chosen, threadModel, own, list?.default], inHouse);
  return {
    model,
    loading: list === undefined,
    choose: (ref: string) => {
      chooseModel(scope, ref);
      onModel?.(ref);
    },
  };
}
