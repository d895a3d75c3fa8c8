// A combobox: what is typed goes to Python, the matches come back, and choosing one tells its id.
// Names are written by strangers: they are set as text, never as markup.

const instances = new WeakMap()
const WAIT = 150 // milliseconds after the last key before Python is asked

function element(tag, attributes = {}, text = null) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  if (text !== null) made.textContent = text
  return made
}

class SearchBox {
  constructor(parent, api) {
    this.api = api
    this.matches = []
    this.active = -1
    this.open = false
    this.timer = null
    this.id = `search-${Math.random().toString(36).slice(2)}`
    this.root = element("div", { class: "root" })
    this.label = element("label", { for: this.id })
    this.input = element("input", {
      id: this.id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${this.id}-list`,
    })
    this.key = element("kbd", { "aria-hidden": "true" }, "/")
    this.list = element("ul", { id: `${this.id}-list`, role: "listbox" })
    this.hint = element("div", { class: "hint", role: "status" })
    const field = element("div", { class: "field" })
    field.append(this.input, this.key)
    this.root.append(this.label, field, this.list, this.hint)
    parent.append(this.root)
    this.input.addEventListener("input", () => this.typed())
    this.input.addEventListener("keydown", (event) => this.pressed(event))
    this.input.addEventListener("focus", () => this.input.select())
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150))
    this.onShortcut = (event) => this.shortcut(event)
    document.addEventListener("keydown", this.onShortcut)
  }

  shortcut(event) {
    if (!this.data?.shortcut || event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return
    let focused = document.activeElement
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
    if (focused && (focused.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(focused.tagName))) return
    event.preventDefault()
    this.input.focus()
  }

  typed() {
    clearTimeout(this.timer)
    this.open = true
    this.timer = setTimeout(() => this.api.setStateValue("query", this.input.value.slice(0, 200)), WAIT)
  }

  pressed(event) {
    const last = this.matches.length - 1
    if (event.key === "ArrowDown" && last >= 0) this.move(Math.min(last, this.active + 1), event)
    else if (event.key === "ArrowUp" && last >= 0) this.move(Math.max(0, this.active - 1), event)
    else if (event.key === "Enter" && this.open && this.matches.length) this.choose(Math.max(0, this.active))
    else if (event.key === "Escape") { this.input.value = this.data?.value ?? ""; this.close() }
  }

  move(to, event) {
    event.preventDefault()
    this.active = to
    this.mark()
  }

  mark() {
    const options = [...this.list.children]
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.active)))
    if (this.active >= 0) {
      this.input.setAttribute("aria-activedescendant", options[this.active].id)
      options[this.active].scrollIntoView({ block: "nearest" })
    } else this.input.removeAttribute("aria-activedescendant")
  }

  choose(at) {
    const match = this.matches[at]
    this.input.value = match.name
    this.close()
    this.api.setTriggerValue("pick", match.id)
  }

  close() {
    this.open = false
    this.active = -1
    this.draw()
  }

  show(data, api) {
    this.api = api
    const before = this.data
    this.data = data
    this.label.textContent = data.label
    this.label.className = data.hideLabel ? "hidden" : ""
    this.input.placeholder = data.placeholder
    this.key.hidden = !data.shortcut
    if (!before || before.value !== data.value) this.input.value = data.value
    this.matches = data.matches
    this.active = -1
    this.draw()
    this.root.dataset.ready = "true"
    this.root.dataset.query = data.query
  }

  draw() {
    const shown = this.open && this.data.query !== ""
    this.input.setAttribute("aria-expanded", String(shown && this.matches.length > 0))
    this.list.replaceChildren()
    this.list.hidden = !shown || !this.matches.length
    if (shown) this.matches.forEach((match, at) => this.list.append(this.option(match, at)))
    this.hint.hidden = !shown
    this.hint.textContent = shown ? this.data.hint : ""
    this.mark()
  }

  option(match, at) {
    const option = element("li", { id: `${this.id}-${at}`, role: "option", "aria-selected": "false" })
    option.append(element("span", { class: "name" }, match.name), element("span", { class: "sub" }, match.sub))
    option.addEventListener("mousedown", (event) => { event.preventDefault(); this.choose(at) })
    return option
  }

  destroy() {
    clearTimeout(this.timer)
    document.removeEventListener("keydown", this.onShortcut)
  }
}

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const api = { setStateValue, setTriggerValue }
  let box = instances.get(parentElement)
  if (!box) {
    box = new SearchBox(parentElement, api)
    instances.set(parentElement, box)
  }
  box.show(data, api)
  return () => { box.destroy(); box.root.remove(); instances.delete(parentElement) }
}
