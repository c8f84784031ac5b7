// The picture and nothing else: for OBS, or any page that lays it over something.
import { Player, drawPicture } from "./player.js";

const query = new URLSearchParams(location.search);
const canvas = document.getElementById("picture");
const fit = query.get("fit");
if (fit === "cover" || fit === "fill") canvas.className = fit;
query.delete("fit");
if (query.has("cutout") && !query.has("background")) query.set("background", "transparent");

const player = new Player({
  query,
  onPicture: (picture) => drawPicture(canvas, picture),
  onError: (text) => { // never over the picture
    document.title = `livestyle overlay: ${text}`;
    console.info(text);
  },
  onLost: () => canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height),
});
player.start();
