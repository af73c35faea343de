/**
 * A part of the page as a PNG: its clone, the styles of the page and its fonts in an SVG that is drawn as an image. The
 * libraries for this set style elements, frames or a base address, which the policy of the pages takes from nobody.
 */
import { loadFile } from "@/api/assets";

/** Dots per CSS pixel, and how many a canvas has at most in every browser: on a side, and in all (Safari on iOS). */
const SCALE = 2;
const LONGEST = 16_384;
const DOTS = 16_000_000;

export class TooLong extends Error {}

/** Draws `sheet` as it stands. Throws TooLong when it would not be sharp enough to read. */
export async function pictureOf(sheet: HTMLElement): Promise<Blob> {
  const { offsetWidth: width, offsetHeight: height } = sheet;
  const scale = Math.min(SCALE, LONGEST / height, Math.sqrt(DOTS / (width * height)));
  if (scale < 1) throw new TooLong();
  const image = new Image();
  // Chromium lets nobody read a canvas on which such an SVG was drawn from a blob: address
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await asSvg(sheet, width, height))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.floor(width * scale);
  canvas.height = Math.floor(height * scale);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("There is no canvas.");
  pen.fillStyle = getComputedStyle(sheet).backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("There is no picture."))), "image/png"),
  );
}

const SVG = "http://www.w3.org/2000/svg";

async function asSvg(sheet: HTMLElement, width: number, height: number): Promise<string> {
  const page = document.documentElement;
  const svg = document.createElementNS(SVG, "svg");
  const inside = document.createElementNS(SVG, "foreignObject");
  const html = document.createElement("html");
  for (const element of [svg, html])
    for (const { name, value } of page.attributes) element.setAttribute(name, value);
  svg.style.fontSize = getComputedStyle(page).fontSize; // what rem is a multiple of
  for (const element of [svg, inside]) {
    element.setAttribute("width", String(width));
    element.setAttribute("height", String(height));
  }
  const style = document.createElement("style");
  style.textContent = `${await usedFonts()}\n${styles(document.styleSheets)}\n* { animation: none !important; transition: none !important; }`;
  const body = document.createElement("body");
  body.append(style, withPictures(sheet));
  html.append(body);
  inside.append(html);
  svg.append(inside);
  return new XMLSerializer().serializeToString(svg).replace(NO_XML, "");
}

/** What a text may hold and no XML, such as the colours of a terminal. */
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function styles(sheets: StyleSheetList): string {
  return [...sheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => !(rule instanceof CSSFontFaceRule))
    .map((rule) => rule.cssText)
    .join("\n");
}

/** A clone whose pictures are in it, and without what can be pressed. */
function withPictures(sheet: HTMLElement): HTMLElement {
  const clone = sheet.cloneNode(true) as HTMLElement;
  const copies = [...clone.querySelectorAll("img")];
  for (const [at, image] of [...sheet.querySelectorAll("img")].entries()) {
    const copy = copies[at];
    if (!copy) continue;
    copy.removeAttribute("loading");
    copy.style.width = `${image.offsetWidth}px`;
    copy.style.height = `${image.offsetHeight}px`;
    copy.src = dataOf(image);
  }
  for (const button of clone.querySelectorAll("button")) button.remove();
  return clone;
}

/** What the image shows, as an address that holds it. */
function dataOf(image: HTMLImageElement): string {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, image.offsetWidth * SCALE);
  canvas.height = Math.max(1, image.offsetHeight * SCALE);
  if (image.naturalWidth > 0) canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

/** The rules of the fonts that are in use, with their bytes. */
async function usedFonts(): Promise<string> {
  const used = new Set(
    [...document.fonts]
      .filter(({ status }) => status === "loaded")
      .map((face) => nameOf(face.family, face.weight, face.style, face.unicodeRange)),
  );
  const rules = [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules].map((rule) => ({ rule, base: sheet.href ?? document.baseURI })))
    .filter(({ rule }) => rule instanceof CSSFontFaceRule && used.has(nameOfRule(rule)));
  return (await Promise.all(rules.map(({ rule, base }) => inlined(rule.cssText, base)))).join("\n");
}

function nameOfRule(rule: CSSFontFaceRule): string {
  const value = (name: string) => rule.style.getPropertyValue(name);
  return nameOf(value("font-family"), value("font-weight"), value("font-style"), value("unicode-range"));
}

function nameOf(family: string, weight: string, style: string, range: string): string {
  const plain = [
    family.replaceAll(/["']/g, ""),
    weight || "normal",
    style || "normal",
    range || "U+0-10FFFF",
  ];
  return plain.join("|").replaceAll(" ", "").toLowerCase().replace("|normal|", "|400|");
}

async function inlined(css: string, base: string): Promise<string> {
  const [whole, address] = /url\("?([^")]+)"?\)/.exec(css) ?? [];
  if (!whole || !address || address.startsWith("data:")) return css;
  const bytes = new Uint8Array(await loadFile(new URL(address, base).href));
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return css.replace(whole, `url("data:font/woff2;base64,${btoa(text)}")`);
}

/** How long nothing may change until it is taken to be drawn, and how long that is waited for, in milliseconds. */
const QUIET = 400;
const PATIENCE = 15_000;

/** Resolves when pictures and fonts are there and Markdown, formulas, diagrams and colours of code have stopped to come. */
export async function settled(sheet: HTMLElement, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    let timer = 0;
    const done = () => {
      window.clearTimeout(timer);
      window.clearTimeout(last);
      observer.disconnect();
      resolve();
    };
    const wait = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        // plain words stand there until Markdown has come
        if (sheet.querySelector(".prose.whitespace-pre-wrap, .bones")) wait();
        else done();
      }, QUIET);
    };
    const observer = new MutationObserver(wait);
    const last = window.setTimeout(done, PATIENCE);
    signal.addEventListener("abort", done);
    observer.observe(sheet, { subtree: true, childList: true, characterData: true, attributes: true });
    wait();
  });
  await document.fonts.ready;
  const images = [...sheet.querySelectorAll("img")];
  await Promise.all(images.map((image) => image.decode().catch(() => undefined))); // a lost one stays a gap
}
