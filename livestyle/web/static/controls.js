// Controls made from what the server says can be set: a slider, switch or list for each.

const QUIET_MS = 800;

export class Controls {
  // onChange(changes) is told what the user set.
  constructor(form, onChange) {
    this.form = form;
    this.onChange = onChange;
    this.rows = new Map();
    this.touched = new Map();
  }

  build(described) {
    this.form.replaceChildren();
    for (const row of described) {
      const input = makeInput(row);
      if (!input || row.name === "style") continue;
      const id = `control-${row.name}`;
      const label = element("label", { htmlFor: id, textContent: nameOf(row.name) });
      const output = element("output", { htmlFor: id });
      const help = element("p", { className: "help", id: `${id}-help`, textContent: sentence(row.help ?? "") });
      input.id = id;
      input.setAttribute("aria-describedby", help.id);
      const box = element("div", { className: "control" });
      if (row.kind === "number") box.append(label, output, input, help);
      else box.append(label, input, help);
      label.title = "Double-click for the value it had at first";
      label.addEventListener("dblclick", () => this.set(row.name, row.default));
      input.addEventListener("input", () => this.set(row.name, read(input, row)));
      this.rows.set(row.name, { row, input, output });
      this.form.append(box);
    }
  }

  // The user set *name*: show it and tell it.
  set(name, value) {
    this.touched.set(name, performance.now());
    this.write(name, value);
    this.onChange({ [name]: value });
  }

  // Go one step up or down; from *own* where the value is left to the server.
  nudge(name, by, own = 1) {
    const found = this.rows.get(name);
    if (!found) return;
    const { low = 0, high = 1, least } = found.row;
    const value = Math.min(high, Math.max(low, (Number(found.input.value) || (least ? own : 0)) + by));
    this.set(name, Math.max(least ?? low, Math.round(value * 100) / 100));
  }

  // Turn a switch on or off.
  toggle(name) {
    const found = this.rows.get(name);
    if (found) this.set(name, !found.input.checked);
  }

  // Choose the next of the choices, or the first after the last.
  step(name) {
    const found = this.rows.get(name);
    if (!found) return;
    const choices = found.row.choices;
    this.set(name, choices[(choices.indexOf(found.input.value) + 1) % choices.length]);
  }

  // Of the choices of *name*, offer only *choices*; nothing when there is nothing to choose.
  limit(name, choices) {
    const found = this.rows.get(name);
    if (!found) return;
    for (const option of found.input.options) option.hidden = option.disabled = !choices.includes(option.value);
    found.input.closest(".control").hidden = choices.length < 3;
  }

  // Show what the server says, but not where the user is just at work.
  show(values) {
    for (const name of this.rows.keys()) {
      const busy = performance.now() - (this.touched.get(name) ?? -Infinity) < QUIET_MS;
      if (name in values && !busy) this.write(name, values[name]);
    }
  }

  write(name, value) {
    const { row, input, output } = this.rows.get(name);
    if (row.kind === "switch") input.checked = value;
    else input.value = value;
    if (row.choices && input.value !== value) input.append(new Option(value, value, true, true)); // of the command line
    if (row.kind !== "number") return;
    const { low = 0, high = 1 } = row;
    if (row.least && value === 0) output.textContent = "auto";
    else output.textContent = low === 0 && high === 1 ? `${Math.round(value * 100)} %` : `${value} ×`;
    input.style.setProperty("--filled", `${(100 * (value - low)) / (high - low)}%`);
  }
}

function makeInput(row) {
  if (row.kind === "switch") return element("input", { type: "checkbox", role: "switch" });
  if (row.kind === "number" && row.high !== undefined) {
    const step = row.whole ? 1 : row.least ? 0.1 : (row.high - row.low) / 100; // what has a least is slow to change
    return element("input", { type: "range", min: row.low, max: row.high, step });
  }
  if (row.kind === "text" && row.choices) {
    const select = element("select", {});
    select.append(...row.choices.map((choice) => new Option(choice, choice)));
    return select;
  }
  return undefined;
}

function read(input, row) {
  if (row.kind === "switch") return input.checked;
  if (row.kind !== "number") return input.value;
  const value = Number(input.value);
  if (row.least && value < row.least) return value < row.least / 2 ? 0 : row.least;
  return value;
}

function nameOf(setting) {
  return sentence(setting.replaceAll("_", " "));
}

function sentence(words) {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

export function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
