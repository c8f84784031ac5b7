// The studio page: shows the picture, and lets people steer it.

import { Camera } from "./camera.js";
import { Controls, element } from "./controls.js";
import { Gallery } from "./gallery.js";
import { Player, drawPicture } from "./player.js";
import { Recorder, save } from "./recorder.js";

const SEND_MS = 50; // between two changes sent while a slider is dragged
const RESEND_MS = 500; // after changes that came too often for the server
const THUMB = 44; // width of the wipe's handle, in CSS pixels, as in the style sheet
const TOAST_MS = 6000;
const NEW_PICTURE_MS = 3000; // without one for so long, the page says that it waits

const at = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const view = { compare: false, holding: false, mirror: false, locked: false, plain: "", pointed: false, seen: 0, state: undefined };

// ---- the picture

const canvas = at("picture");
const player = new Player({
  query: watched(query.get("source")),
  onPicture: show,
  onState: follow,
  onError: (text) => { wait(text); if (text.startsWith("no source")) camera.again(); },
  onLost: (text) => {
    setStatus("lost", player.stopped ? "locked out" : "reconnecting");
    wait(text ?? "The server does not answer; waiting for it");
  },
});

function watched(source) {
  const wanted = new URLSearchParams();
  if (source) wanted.set("source", source);
  return wanted;
}

function show(picture) {
  view.seen = performance.now();
  if (recorder.recording && !recorder.fits(picture.painted)) {
    toggleRecording();
    toast("Saved the recording: the picture has another size now", "good");
  }
  const share = view.holding ? 1 : view.compare ? wipeShare() : 0;
  drawPicture(canvas, picture, { share, mirror: view.mirror });
  at("stage").classList.toggle("clear", picture.alpha !== undefined);
  const { width, height } = canvas;
  const ratio = `${width} / ${height}`;
  if (at("stage").style.aspectRatio !== ratio) at("stage").style.aspectRatio = ratio;
  if (at("stage").dataset.state !== "live") {
    at("stage").dataset.state = "live";
    setStatus("live", "live");
  }
}

function wipeShare() {
  const width = at("stage").clientWidth;
  return (THUMB / 2 + Number(at("wipe").value) * (width - THUMB)) / width;
}

function wait(text) {
  at("stage").dataset.state = "opening";
  at("waiting-text").textContent = text;
}

function setStatus(state, text) {
  at("status").dataset.state = state;
  at("status-text").textContent = text;
  at("figures").hidden = state !== "live";
}

// ---- what the server says

function follow(state) {
  view.state = state;
  controls.show(state.controls);
  gallery.show(state.controls.style, state.painting ?? state.controls.style, state.controls.tier);
  controls.limit("tier", ["auto", ...gallery.tiers]);
  listSources(state.sources, state.source);
  at("fps").textContent = Math.round(state.here.fps);
  at("latency").textContent = state.here.latency_ms;
  at("latency-of").title = `From the camera's picture to the painted one on this page; `
    + `19 of 20 pictures within ${state.here.slow_latency_ms} ms`;
  if (state.trouble && state.trouble !== view.trouble) toast(state.trouble);
  view.trouble = state.trouble;
  if (performance.now() - view.seen > NEW_PICTURE_MS) {
    setStatus("opening", "opening");
    wait(`Opening ${nameOf(state.source)}`);
  } else if (at("stage").dataset.state === "live") {
    setStatus(state.waiting ? "waiting" : "live", state.waiting ? `waiting for ${nameOf(state.source)}` : "live");
  }
}

function listSources(sources, current) {
  if (camera.source && !sources.some(({ name }) => name === camera.source)) camera.again();
  const select = at("source");
  const told = JSON.stringify(sources.map(({ name }) => name));
  if (select.dataset.told !== told && document.activeElement !== select) {
    select.dataset.told = told;
    select.replaceChildren(...sources.map(({ name }) => new Option(nameOf(name), name)));
  }
  if (document.activeElement !== select) select.value = current;
  const overlay = new URL(`/overlay?source=${encodeURIComponent(current)}&fit=cover`, view.plain || location.href);
  at("overlay").value = overlay.href + (view.locked ? "&token=…" : ""); // pages cannot read it
}

function nameOf(source) {
  return source === camera.source ? "my camera" : source.replaceAll("-", " ");
}

function watch(source) {
  changes.waiting = {}; // they were for the source before
  view.seen = performance.now();
  wait(source ? `Opening ${nameOf(source)}` : "Opening the picture");
  history.replaceState(null, "", !source || source === camera.source ? "/" : `/?source=${encodeURIComponent(source)}`);
  player.change(watched(source));
}

// ---- what the user wants

const changes = { waiting: {}, sending: false };

async function change(wishes) {
  Object.assign(changes.waiting, wishes);
  if (changes.sending) return;
  changes.sending = true;
  while (Object.keys(changes.waiting).length) {
    const sent = changes.waiting;
    changes.waiting = {};
    const taken = await send(sent);
    if (!taken) changes.waiting = { ...sent, ...changes.waiting };
    await new Promise((resolve) => setTimeout(resolve, taken ? SEND_MS : RESEND_MS));
  }
  changes.sending = false;
}

// Send changes; false when the server takes them later.
async function send(wishes) {
  try {
    const address = `/api/set?source=${encodeURIComponent(player.query.get("source") ?? "")}`;
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(wishes) });
    if (answer.status === 429) return false;
    if (!answer.ok) toast((await answer.json()).error);
  } catch {
    toast("The server does not answer");
  }
  return true;
}

function setCompare(on) {
  view.compare = on;
  at("compare").setAttribute("aria-pressed", on);
  for (const id of ["wipe", "tag-original", "tag-painted"]) at(id).hidden = !on;
  player.wantOriginal(on || view.holding);
}

function hold(on) {
  if (view.holding === on) return;
  view.holding = on;
  player.wantOriginal(on || view.compare);
}

function setMirror(on) {
  view.mirror = on;
  at("mirror").setAttribute("aria-pressed", on);
}

async function takeSnapshot() {
  try {
    const answer = await fetch(`/snapshot.png?${player.query}`);
    if (!answer.ok) { toast((await answer.json()).error); return; }
    save(await answer.blob(), "png");
    toast("Saved the picture", "good");
  } catch {
    toast("The server does not answer");
  }
}

function toggleRecording() {
  if (recorder.recording) {
    recorder.stop();
    toast("Saved the recording", "good");
  } else {
    recorder.start();
  }
  at("record").setAttribute("aria-pressed", recorder.recording);
  at("record").setAttribute("aria-label", recorder.recording ? "Stop recording" : "Record");
  at("record-time").hidden = !recorder.recording;
}

async function toggleCamera() {
  if (camera.wanted) {
    const { source } = camera;
    camera.stop(); // also while it is still being started
    showCamera();
    if (source) watch("");
    return;
  }
  try {
    setMirror(true);
    const started = camera.start();
    showCamera();
    await started;
    at("flip").hidden = !(await camera.canFlip());
  } catch (error) {
    toast(error.message);
  }
  showCamera();
}

function showCamera() {
  at("camera").setAttribute("aria-pressed", camera.wanted);
  at("camera-text").textContent = camera.wanted ? "Stop camera" : "My camera";
  if (!camera.wanted) { at("flip").hidden = true; setMirror(false); }
  at("source").dataset.told = "";
}

function loseCamera(text) {
  toast(text);
  showCamera();
  watch("");
}

function toast(text, kind = "bad") {
  const box = at("toast");
  box.textContent = text;
  box.dataset.kind = kind;
  box.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, TOAST_MS);
}

function toggleFull() {
  if (document.fullscreenElement) document.exitFullscreen();
  else at("stage").requestFullscreen?.();
}

// ---- parts

const controls = new Controls(at("controls"), change);
const gallery = new Gallery(at("styles"), at("other"), at("share"), (style) => change({ style }));
const recorder = new Recorder(canvas);
const camera = new Camera({
  onLent: (source) => { at("source").dataset.told = ""; watch(source); },
  onLost: loseCamera,
});

// ---- keys: the same as in the window of `livestyle webcam`

const KEYS = [
  ["n", "next style", () => gallery.step(1)],
  ["p", "previous style", () => gallery.step(-1)],
  ["1-9", "style by number", (key) => gallery.pick(Number(key) - 1), /^[1-9]$/],
  ["+", "more of the painting", () => controls.nudge("strength", 0.1), /^[+=]$/],
  ["-", "more of the original", () => controls.nudge("strength", -0.1), /^[-_]$/],
  ["]", "less flicker", () => controls.nudge("stability", 0.1)],
  ["[", "quicker to follow motion", () => controls.nudge("stability", -0.1)],
  [".", "broader strokes", () => controls.nudge("brush", 0.2, view.state?.own_brush), /^[.>]$/],
  [",", "finer strokes", () => controls.nudge("brush", -0.2, view.state?.own_brush), /^[,<]$/],
  ["k", "keep the original's colours, or not", () => controls.toggle("keep_colors")],
  ["b", "paint people alone, what is around them, or all", () => controls.step("cutout")],
  ["space", "the original, while held", () => hold(true), /^ $/],
  ["w", "original beside painting", () => setCompare(!view.compare)],
  ["m", "exchange left and right", () => setMirror(!view.mirror)],
  ["c", "this browser's camera", toggleCamera],
  ["s", "save a picture", takeSnapshot],
  ["r", "start or stop recording", toggleRecording],
  ["f", "full screen", toggleFull],
];

for (const [key, help] of KEYS) {
  const term = element("dt", {});
  term.append(element("kbd", { textContent: key }));
  at("keys").append(term, element("dd", { textContent: help }));
}

addEventListener("keydown", (event) => {
  view.pointed = false;
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input[type=text], select")) return;
  if (event.key === " " && event.target.matches("button, summary, a, input[type=checkbox]")) return; // theirs
  const found = KEYS.find(([key, , , pattern]) => (pattern ? pattern.test(event.key) : key === event.key.toLowerCase()));
  if (!found) return;
  event.preventDefault();
  if (!event.repeat || /^[-+=_[\]]$/.test(event.key)) found[2](event.key);
});
addEventListener("keyup", (event) => { if (event.key === " ") hold(false); });
addEventListener("blur", () => hold(false));

// A list gives the keys back once somebody chose from it; but who chooses by keys stays in it.
addEventListener("pointerdown", () => { view.pointed = true; });
addEventListener("change", ({ target }) => { if (view.pointed && target.matches("select")) target.blur(); });

// ---- buttons

at("source").addEventListener("change", (event) => watch(event.target.value));
at("camera").addEventListener("click", toggleCamera);
at("flip").addEventListener("click", () => camera.flip().catch((error) => loseCamera(error.message)));
at("compare").addEventListener("click", () => setCompare(!view.compare));
at("mirror").addEventListener("click", () => setMirror(!view.mirror));
at("snapshot").addEventListener("click", takeSnapshot);
at("record").addEventListener("click", toggleRecording);
at("full").addEventListener("click", toggleFull);
at("full").hidden = !document.fullscreenEnabled;
at("copy").addEventListener("click", async () => {
  at("overlay").select();
  try { await navigator.clipboard.writeText(at("overlay").value); } catch { document.execCommand("copy"); }
  toast("Copied the address", "good");
});
at("controls").addEventListener("submit", (event) => event.preventDefault());
setInterval(() => { if (recorder.recording) at("record-time").textContent = recorder.time(); }, 500);
addEventListener("beforeunload", (event) => { if (recorder.recording) event.preventDefault(); }); // asks
addEventListener("pagehide", () => camera.connection?.close());

async function start() {
  const ask = async (path) => (await fetch(path)).json();
  const [{ controls: described, locked, plain }, { styles }] = await Promise.all([ask("/api"), ask("/api/styles")]);
  Object.assign(view, { locked, plain });
  at("token-hint").hidden = !locked;
  at("plain-hint").hidden = !plain;
  controls.build(described);
  gallery.build(styles);
  player.start();
}

start().catch(() => { wait("The server does not answer"); setTimeout(() => location.reload(), 3000); });
