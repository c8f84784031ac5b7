// The gallery of styles: one choice among all, as radio buttons with pictures.

import { element } from "./controls.js";

export class Gallery {
  // onChoose(name) is told which style the user wants.
  constructor(box, onChoose) {
    this.box = box;
    this.onChoose = onChoose;
    this.cards = new Map();
    this.chosen = undefined;
  }

  build(styles) {
    this.box.replaceChildren();
    for (const style of styles) this.add(style);
  }

  add({ name, title = "", artist = "", year = "", tiers = [], preview }) {
    const input = element("input", { type: "radio", name: "style", value: name });
    input.addEventListener("change", () => this.onChoose(name));
    const face = element("span", { className: "face" });
    if (preview) face.append(element("img", { src: preview, alt: "", loading: "lazy" }));
    const card = element("label", { className: "style", title: [title, artist, year].filter(Boolean).join(", ") });
    card.append(input, face, element("span", { className: "name", textContent: name.replaceAll("-", " ") }));
    this.cards.set(name, { card, input, tiers });
    this.box.append(card);
  }

  // Show that *wanted* is chosen, and that *painting* is painted until it is ready.
  show(wanted, painting) {
    if (!this.cards.has(wanted)) this.add({ name: wanted });
    if (wanted !== this.chosen) {
      this.cards.get(wanted).input.checked = true;
      this.cards.get(wanted).card.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    this.chosen = wanted;
    for (const [name, { card }] of this.cards) card.classList.toggle("coming", name === wanted && wanted !== painting);
  }

  // In which sizes of network the chosen style is there.
  get tiers() {
    return this.cards.get(this.chosen)?.tiers ?? [];
  }

  // Choose the style *steps* further; from the last to the first.
  step(steps) {
    const names = [...this.cards.keys()];
    this.pick((names.indexOf(this.chosen) + steps + names.length) % names.length);
  }

  pick(index) {
    const name = [...this.cards.keys()][index];
    if (name === undefined) return;
    this.show(name, name);
    this.onChoose(name);
  }
}
