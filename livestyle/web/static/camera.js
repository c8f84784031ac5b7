// Lends this browser's camera to the server by WebRTC; asks for it again when the connection was lost.

const GATHERING_MS = 800;
const BITRATE = 3_000_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;

export class Camera {
  // onLent(source) tells under which name the server shows it, onLost(text) why it does no longer.
  constructor({ onLent, onLost }) {
    this.onLent = onLent;
    this.onLost = onLost;
    this.facing = "user";
    this.source = undefined;
    this.wanted = this.retrying = false;
    this.attempt = 0; // each start and stop makes what still waits from before void
    this.wait = FIRST_WAIT_MS;
  }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error("Browsers lend their camera to encrypted pages only: start the server with --https");
    }
    this.wanted = true;
    const attempt = ++this.attempt;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 30 }, facingMode: this.facing },
      });
      if (attempt !== this.attempt) { letGo(stream); return; } // stopped while the user was asked
      this.stream = stream;
      await this.offer();
    } catch (error) {
      if (attempt !== this.attempt) return;
      this.stop();
      throw new Error(explain(error));
    }
  }

  stop() {
    this.attempt += 1;
    this.wanted = this.retrying = false;
    this.source = undefined;
    clearTimeout(this.timer);
    this.connection?.close();
    if (this.stream) letGo(this.stream);
    this.connection = this.stream = undefined;
  }

  // Use the camera on the other side of a phone.
  async flip() {
    this.facing = this.facing === "user" ? "environment" : "user";
    this.stop();
    await this.start();
  }

  async canFlip() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput").length > 1;
  }

  // The server may have been started anew: offer the camera again, once at a time.
  again() {
    if (!this.source || this.retrying) return;
    this.retrying = true;
    this.connection?.close();
    const { attempt } = this;
    this.timer = setTimeout(async () => {
      try {
        await this.offer();
        this.wait = FIRST_WAIT_MS;
        if (attempt === this.attempt) this.retrying = false; // not before: until then the old name is gone
      } catch {
        if (attempt !== this.attempt) return;
        this.retrying = false;
        this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
        this.again();
      }
    }, this.wait);
  }

  async offer() {
    const connection = this.connection = new RTCPeerConnection();
    const [track] = this.stream.getVideoTracks();
    track.contentHint = "motion";
    track.onended = () => { this.stop(); this.onLost("The camera is gone"); };
    connection.addTransceiver(track, { direction: "sendonly", sendEncodings: [{ maxBitrate: BITRATE }] });
    connection.onconnectionstatechange = () => {
      if (connection === this.connection && connection.connectionState === "failed") this.again();
    };
    await connection.setLocalDescription(await connection.createOffer());
    await gathered(connection);
    if (connection !== this.connection) return;
    const { width = 640, height = 360 } = track.getSettings();
    const answer = await fetch("/api/camera", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ sdp: connection.localDescription.sdp, ...smaller(width, height) }),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    if (connection !== this.connection) return;
    await connection.setRemoteDescription({ type: "answer", sdp: told.sdp });
    if (connection !== this.connection) return;
    this.source = told.source;
    this.onLent(told.source);
  }
}

function letGo(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

// Wait until the browser knows its addresses; not for those that take long.
function gathered(connection) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERING_MS);
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState === "complete") { clearTimeout(timer); resolve(); }
    };
  });
}

// A size with even sides, at most 1280 pixels long, that the server takes.
function smaller(width, height) {
  const scale = Math.min(1, 1280 / Math.max(width, height));
  const even = (side) => Math.max(64, 2 * Math.round((side * scale) / 2));
  return { width: even(width), height: even(height) };
}

function explain(error) {
  if (error.name === "NotAllowedError") return "This page may not use the camera: allow it in the address bar";
  if (error.name === "NotFoundError") return "This device has no camera";
  if (error.name === "NotReadableError") return "Another program holds the camera";
  return error.message;
}
