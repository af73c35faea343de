import "./artifacts.css";
import { Tabs } from "@base-ui/react/tabs";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ChevronLeft, ChevronRight, Download, Maximize2, Minimize2, X } from "lucide-react";
import { type KeyboardEvent, Suspense, useEffect, useRef } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { saveText } from "@/lib/save-file";
import { CopyButton } from "../markdown/copy-button";
import { LazyMarkdown } from "../markdown/lazy-markdown";
import { Mermaid } from "../markdown/mermaid";
import { ArtifactFrame } from "./frame";
import { documentOf, type Kind, named } from "./kinds";
import { ComponentPreview } from "./react/lazy-preview";
import { closeArtifact, keyOf, type Opened, showArtifact, useArtifacts, writeOwn } from "./state";
import { useVersions, type Version } from "./use-versions";

const KINDS: Record<Kind, ReturnType<typeof msg>> = {
  html: msg`Page`,
  svg: msg`Drawing`,
  markdown: msg`Document`,
  mermaid: msg`Diagram`,
  react: msg`Component`,
};
const FILES: Record<Kind, { ending: string; type: string }> = {
  html: { ending: "html", type: "text/html;charset=utf-8" },
  svg: { ending: "svg", type: "image/svg+xml" },
  markdown: { ending: "md", type: "text/markdown;charset=utf-8" },
  mermaid: { ending: "mmd", type: "text/plain;charset=utf-8" },
  react: { ending: "tsx", type: "text/plain;charset=utf-8" },
};

/** What a model made, beside the chat: as what it is and as code, in all its versions. */
export function ArtifactPanel({ opened }: { opened: Opened }) {
  const { t, i18n } = useLingui();
  const { versions, at } = useVersions(opened);
  const wide = useArtifacts((state) => state.wide);
  const times = useArtifacts((state) => state.times);
  const panel = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time something is opened, the focus goes there
  useEffect(() => panel.current?.focus(), [times]);
  const version = versions[at];
  if (!version) return null;
  const title = version.title || i18n._(KINDS[version.kind]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.nativeEvent.isComposing) return;
    event.preventDefault();
    closeArtifact();
  };
  return (
    <Tabs.Root
      defaultValue="preview"
      render={
        <aside
          ref={panel}
          className={`panel artifact ${wide ? "is-wide" : ""}`}
          tabIndex={-1}
          aria-label={t`Artifact: ${title}`}
          onKeyDown={onKeyDown}
        />
      }
    >
      <header className="panel-head">
        <h2 className="clip" title={title}>
          {title}
        </h2>
        <span className="grow" />
        <Versions versions={versions} at={at} />
        <Tabs.List className="tabs" aria-label={t`View`}>
          <Tabs.Tab value="preview" className="tab">
            <Trans>Preview</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="code" className="tab">
            <Trans context="source">Code</Trans>
          </Tabs.Tab>
        </Tabs.List>
        <CopyButton label={t`Copy code`} content={() => version.code} />
        <IconButton label={t`Download`} onClick={() => save(version)}>
          <Download />
        </IconButton>
        <IconButton
          label={wide ? t`Beside the chat` : t`Full width`}
          className="only-wide"
          onClick={() => useArtifacts.setState({ wide: !wide })}
        >
          {wide ? <Minimize2 /> : <Maximize2 />}
        </IconButton>
        <IconButton label={t`Close`} className="panel-close" onClick={closeArtifact}>
          <X />
        </IconButton>
      </header>
      <Tabs.Panel value="preview" className="panel-body" keepMounted>
        <Preview
          // of components each has a frame of its own: one that cannot be read would show the one before it
          key={version.kind === "react" ? keyOf(version.opened) : version.kind}
          version={version}
          title={title}
        />
      </Tabs.Panel>
      <Tabs.Panel value="code" className="panel-body artifact-code">
        <Editor version={version} />
      </Tabs.Panel>
    </Tabs.Root>
  );
}

function Versions({ versions, at }: { versions: Version[]; at: number }) {
  const { t } = useLingui();
  if (versions.length < 2) return null;
  const place = `${at + 1}/${versions.length}`;
  const go = (step: number) => {
    const target = versions[at + step];
    if (target) showArtifact(target.opened);
  };
  return (
    <div className="branch" role="group" aria-label={t`Version ${place}`}>
      <IconButton label={t`Previous version`} aria-disabled={at === 0} onClick={() => go(-1)}>
        <ChevronLeft className="i-14" />
      </IconButton>
      {place}
      <IconButton label={t`Next version`} aria-disabled={at === versions.length - 1} onClick={() => go(1)}>
        <ChevronRight className="i-14" />
      </IconButton>
    </div>
  );
}

/** Documents run in the sandbox; Markdown and diagrams are drawn as in the chat. What must be whole for it is code until then. */
function Preview({ version, title }: { version: Version; title: string }) {
  const { kind, code, live } = version;
  if (kind === "html" || kind === "svg") return <ArtifactFrame html={documentOf(kind, code)} title={title} />;
  if (kind === "react" && !live)
    return (
      <Suspense fallback={<div className="artifact-sheet" />}>
        <ComponentPreview code={code} title={title} threadId={version.opened.threadId} />
      </Suspense>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className="artifact-sheet artifact-text scroll" tabIndex={0}>
      {kind === "markdown" ? (
        <LazyMarkdown text={code} live={live} />
      ) : live ? (
        <pre>{code}</pre>
      ) : (
        <Mermaid code={code} />
      )}
    </div>
  );
}

function Editor({ version }: { version: Version }) {
  const { t } = useLingui();
  const { opened, code, original, live } = version;
  return (
    <>
      <textarea
        className="artifact-source scroll"
        aria-label={t({ message: "Code", context: "source" })}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        wrap="off"
        readOnly={live}
        value={code}
        onChange={(event) => writeOwn(opened, event.target.value, original)}
      />
      <p className="hint sm" role="status">
        {live ? (
          <Trans>It is still being written.</Trans>
        ) : opened.own ? (
          <Trans>
            Your own version. It is kept until this tab is closed or reloaded; download it to keep it.
          </Trans>
        ) : (
          <Trans>What you change becomes a version of your own.</Trans>
        )}
      </p>
    </>
  );
}

function save({ kind, title, info, code }: Version): void {
  const { ending, type } = FILES[kind];
  const words = title.replace(/[\\/:*?"<>|\s]+/g, "-").replace(/^[-.]+|-+$/g, "");
  saveText(named(info) || `${words || "artifact"}.${ending}`, code, type);
}
