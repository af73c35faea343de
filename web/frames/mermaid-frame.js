// Runs inside the sandboxed frame: gets {id, code, dark, colours}, answers {id, svg, width, height} or {id, error}.
(() => {
  const { mermaid } = globalThis;

  async function draw({ id, code, dark, colours }) {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      theme: "base",
      look: "classic",
      darkMode: dark,
      themeVariables: { ...colours, darkMode: dark },
      fontFamily: colours.fontFamily,
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      suppressErrorRendering: true,
      maxTextSize: 60_000,
    });
    const { svg } = await mermaid.render(`drawing-${id}`, code);
    const holder = document.createElement("div");
    holder.innerHTML = svg;
    const element = holder.querySelector("svg");
    const [, , width, height] = (element.getAttribute("viewBox") ?? "0 0 600 400")
      .split(/[\s,]+/)
      .map(Number);
    element.removeAttribute("style");
    element.setAttribute("width", String(width));
    element.setAttribute("height", String(height));
    return { id, svg: new XMLSerializer().serializeToString(element), width, height };
  }

  addEventListener("message", (event) => {
    if (event.source !== parent) return;
    draw(event.data).then(
      (answer) => parent.postMessage(answer, "*"),
      (error) => parent.postMessage({ id: event.data.id, error: String(error.message ?? error) }, "*"),
    );
  });
  parent.postMessage({ ready: true }, "*");
})();
