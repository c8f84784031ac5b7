// The gallery of styles: one choice among all, as radio buttons with pictures, and perhaps another to blend in.

import { element } from "./controls.js";

const QUIET_MS = 800; // in which the server does not overrule the user

export class Gallery {
  // *other* is a list, and *share* a slider, of what is blended in.
  // onChoose(style) is told which style the user wants: a name, or "candy:0.6,great-wave:0.4".
  constructor(box, other, share, onChoose) {
    Object.assign(this, { box, other, share, onChoose });
    this.cards = new Map();
    this.chosen = undefined;
    this.tier = "auto";
    this.quietUntil = 0;
    other.addEventListener("change", () => this.tell(this.chosen));
    share.addEventListener("input", () => this.tell(this.chosen));
  }

  build(styles) {
    this.box.replaceChildren();
    this.other.replaceChildren(new Option("nothing", ""));
    for (const style of styles) this.add(style);
  }

  add({ name, title = "", artist = "", year = "", tiers = [], preview }) {
    const input = element("input", { type: "radio", name: "style", value: name });
    input.addEventListener("change", () => this.tell(name));
    const face = element("span", { className: "face" });
    if (preview) face.append(element("img", { src: preview, alt: "", loading: "lazy" }));
    const card = element("label", { className: "style" });
    card.append(input, face, element("span", { className: "name", textContent: wordsOf(name) }));
    this.cards.set(name, { card, input, tiers, about: [title, artist, year].filter(Boolean).join(", ") });
    this.box.append(card);
    this.other.append(new Option(wordsOf(name), name));
  }

  // The user wants *name*, with what is blended in.
  tell(name) {
    this.chosen = name;
    this.quietUntil = performance.now() + QUIET_MS;
    this.offer();
    if (this.other.value === name) this.other.value = "";
    const other = this.other.value;
    const share = Number(this.share.value);
    this.share.hidden = !other;
    this.share.style.setProperty("--filled", `${100 * share}%`);
    this.onChoose(other ? `${name}:${round(1 - share)},${other}:${round(share)}` : name);
  }

  // Show that the style *wanted* is chosen, that *painting* is painted until it is ready, and what *tier* leaves.
  show(wanted, painting, tier) {
    const coming = wanted !== painting;
    this.tier = tier;
    if (performance.now() > this.quietUntil) this.choose(wanted);
    this.offer();
    for (const [name, { card }] of this.cards) card.classList.toggle("coming", coming && name === this.chosen);
  }

  choose(style) {
    const { name, other, share } = this.split(style);
    if (!this.cards.has(name)) this.add({ name });
    this.cards.get(name).input.checked = true;
    if (name !== this.chosen) this.cards.get(name).card.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.chosen = name;
    this.other.value = other ?? "";
    this.share.hidden = !other;
    if (other) this.share.value = share;
    this.share.style.setProperty("--filled", `${100 * this.share.value}%`);
  }

  // What is chosen and what is blended in; anything but a blend of two that are here is one: the server's user
  // may have given a file, or a blend of three.
  split(style) {
    const parts = style.split(",").map((part) => part.split(/:(?=[^:]*$)/));
    const two = parts.length === 2 && parts.every(([name, share]) => this.cards.has(name) && Number(share) > 0);
    if (!two) return { name: style };
    const [[name, first], [other, second]] = parts;
    return { name, other, share: Number(second) / (Number(first) + Number(second)) };
  }

  // In which sizes of network the chosen style is there.
  get tiers() {
    return this.cards.get(this.chosen)?.tiers ?? [];
  }

  // Let only what is there in the tier be chosen, and nothing be blended with itself.
  offer() {
    for (const { card, input, tiers, about } of this.cards.values()) {
      input.disabled = this.tier !== "auto" && tiers.length > 0 && !tiers.includes(this.tier);
      card.title = input.disabled ? `${about} (not there in tier ${this.tier})` : about;
    }
    for (const option of this.other.options) {
      option.disabled = option.value === this.chosen || this.cards.get(option.value)?.input.disabled;
    }
  }

  // Choose the style *steps* further, of those that can be; from the last to the first.
  step(steps) {
    const inputs = [...this.cards.values()].map(({ input }) => input).filter((input) => !input.disabled);
    const at = inputs.findIndex((input) => input.checked);
    inputs[(at + steps + inputs.length) % inputs.length]?.click();
  }

  pick(index) {
    [...this.cards.values()][index]?.input.click();
  }
}

function wordsOf(name) {
  return name.split(/[\\/]/).pop().replace(/\.safetensors$/, "").replaceAll("-", " ");
}

function round(share) {
  return Math.round(share * 100) / 100;
}
