// Plays pictures from the server's WebSocket (web/player.py says what travels over it), and comes back by
// itself when the server was gone.

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 3000;
const LOST_MS = 2000;
const LOOK_MS = 1000;
const SILENT_LOOKS = 4; // the state comes twice a second

export class Player {
  // onPicture({painted, original, alpha, number}) draws; onState(state), onError(text) tell what the
  // server says; onLost(text) that there is no picture any more, with what it said last of that, if anything.
  constructor({ query, onPicture, onState = () => {}, onError = () => {}, onLost = () => {} }) {
    Object.assign(this, { query, onPicture, onState, onError, onLost });
    this.original = false;
    this.wait = FIRST_WAIT_MS;
    this.stopped = false;
  }

  start() {
    this.stopped = false;
    this.looking = setInterval(() => this.look(), LOOK_MS);
    this.connect();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.looking);
    this.socket?.close();
  }

  // Watch another source, or with other settings.
  change(query) {
    this.query = query;
    this.wait = FIRST_WAIT_MS;
    if (this.socket) this.socket.close();
    else { this.stop(); this.start(); }
  }

  // Have the unpainted picture beside, or no longer.
  wantOriginal(wanted) {
    this.original = wanted;
    this.say({ original: wanted });
  }

  connect() {
    const address = new URL("/ws", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.search = this.query.toString();
    const socket = this.socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    this.silent = 0;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      if (this.original) this.say({ original: true });
      clearTimeout(this.lostTimer);
      this.lostTimer = undefined;
    };
    socket.onmessage = (message) => { this.silent = 0; this.hear(socket, message.data); };
    socket.onclose = () => {
      if (socket !== this.socket) return;
      if (!opened) this.askWhy();
      this.again(socket, LOST_MS);
    };
  }

  // Leave a server that hangs, or cannot be reached: it closes nothing. Looks are counted and not time, for
  // what came while the browser held up the page is heard between two of them.
  look() {
    this.silent += 1;
    if (!this.socket || this.silent < SILENT_LOOKS) return;
    const { socket } = this;
    this.again(socket, 0);
    socket.close();
  }

  // Browsers tell no page why a WebSocket was refused. Where the token is asked for, asking again is no use.
  async askWhy() {
    const answer = await fetch("/api").catch(() => undefined); // the server is gone
    if (answer?.status !== 401) return;
    const { error } = await answer.json();
    this.stop();
    clearTimeout(this.lostTimer);
    this.onError(error);
    this.onLost(error);
  }

  again(socket, patience) {
    this.socket = undefined;
    this.trouble = socket.trouble;
    if (this.stopped) return;
    this.lostTimer ??= setTimeout(() => this.onLost(this.trouble), patience);
    this.timer = setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  async hear(socket, data) {
    if (typeof data === "string") {
      const told = JSON.parse(data);
      socket.trouble = told.error;
      if (told.error) this.onError(told.error);
      else this.onState(told.state);
      return;
    }
    this.wait = FIRST_WAIT_MS;
    const { number, blobs } = unpack(data);
    try {
      const [painted, original, alpha] = await Promise.all(blobs.map((blob) => blob && createImageBitmap(blob)));
      const newer = number > (socket.newest ?? 0); // of two on their way, the second may be decoded first
      if (newer && socket === this.socket && !this.stopped) {
        socket.newest = number;
        this.onPicture({ number, painted, original, alpha });
      }
      for (const bitmap of [painted, original, alpha]) bitmap?.close();
    } finally {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ shown: number }));
    }
  }

  say(told) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(told));
  }
}

function unpack(data) {
  const length = new DataView(data).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  let at = 4 + length;
  const blobs = header.sizes.map((size) => {
    const blob = size ? new Blob([new Uint8Array(data, at, size)], { type: "image/jpeg" }) : undefined;
    at += size;
    return blob;
  });
  return { number: header.number, blobs };
}

// Draw the painting; of it the left *share* as the original, if that came along.
export function drawPicture(canvas, { painted, original, alpha }, { share = 0, mirror = false } = {}) {
  const { width, height } = painted;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.setTransform(mirror ? -1 : 1, 0, 0, 1, mirror ? width : 0, 0);
  context.globalCompositeOperation = "copy";
  context.drawImage(painted, 0, 0);
  context.globalCompositeOperation = "destination-in";
  if (alpha) context.drawImage(stencil(alpha), 0, 0);
  context.globalCompositeOperation = "source-over";
  const part = Math.round(share * width);
  if (!original || !part) return;
  const from = mirror ? width - part : 0; // left on the screen is right in a mirrored picture
  context.drawImage(original, from, 0, part, height, from, 0, part, height);
}

// A canvas as opaque as *grey* is light.
function stencil(grey) {
  const { width, height } = grey;
  if (cut.canvas.width !== width || cut.canvas.height !== height) Object.assign(cut.canvas, { width, height });
  cut.drawImage(grey, 0, 0);
  const pixels = cut.getImageData(0, 0, width, height);
  const { data } = pixels;
  for (let at = 0; at < data.length; at += 4) data[at + 3] = data[at];
  cut.putImageData(pixels, 0, 0);
  return cut.canvas;
}

const cut = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
