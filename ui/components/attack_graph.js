// A drawing of cards and links as SVG. Python placed everything; here it is drawn, walked, zoomed and exported.
// Names are written by strangers: they are set as text and as attributes, never as markup.

const SVG = "http://www.w3.org/2000/svg"
const LEAST_ZOOM = 0.4, MOST_ZOOM = 2.5, STEP = 1.2, FIRST_MOST = 1.15
const HEIGHT = 620 // the most that a drawing takes of a page unless Python says otherwise
const instances = new WeakMap()

function fill(made, attributes, text) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  if (text !== undefined) made.textContent = text
  return made
}

const html = (tag, attributes = {}, text = undefined) => fill(document.createElement(tag), attributes, text)
const svg = (tag, attributes = {}, text = undefined) => fill(document.createElementNS(SVG, tag), attributes, text)

const pen = document.createElement("canvas").getContext("2d")

// The text cut at its end with an ellipsis until it fits into the room.
function cut(text, room, font) {
  pen.font = font
  if (pen.measureText(text).width <= room) return text
  let low = 0, high = text.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (pen.measureText(text.slice(0, middle).trimEnd() + "…").width <= room) low = middle
    else high = middle - 1
  }
  return text.slice(0, low).trimEnd() + "…"
}

const WEIGHT = { name: 600, sub: 400, word: 600, said: 400, mark: 600 }
const SIZE = { name: 13, sub: 12, word: 12, said: 12, mark: 12 }
const fontOf = (role, family) => `${WEIGHT[role]} ${SIZE[role]}px ${family}`

function download(blob, name) {
  const url = URL.createObjectURL(blob)
  const link = html("a", { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

class Drawing {
  constructor(parent) {
    this.parent = parent
    this.calls = 0
    this.order = 0
    this.selected = null
    this.zoom = 1
    this.zoomed = false
    this.build()
    this.watch()
  }

  build() {
    this.root = html("div", { class: "graph", "data-testid": "attack-graph" })
    this.bar = html("div", { class: "bar", role: "toolbar", "aria-label": "Tools of the drawing" })
    this.hint = html("span", { class: "hint", role: "status" })
    this.percent = html("output", { "aria-label": "Zoom" })
    this.bar.append(
      this.hint,
      this.tool("close", "Close groups", "Close groups", () => this.api.setTriggerValue("action", "close")),
      this.tool("zoom-out", "−", "Zoom out", () => this.zoomTo(this.zoom / STEP)),
      this.percent,
      this.tool("zoom-in", "+", "Zoom in", () => this.zoomTo(this.zoom * STEP)),
      this.tool("fit", "Fit", "Fit the whole drawing", () => this.zoomTo(this.whole())),
      this.tool("full-screen", "Full screen", "Full screen", () => this.fullScreen()),
      this.tool("png", "PNG", "Download as PNG", () => this.savePng()),
      this.tool("svg", "SVG", "Download as SVG", () => this.saveSvg()),
    )
    this.closer = this.bar.querySelector('[data-testid="graph-close"]')
    this.bar.querySelector('[data-testid="graph-full-screen"]').hidden = !document.fullscreenEnabled
    this.field = html("div", { class: "field" })
    this.scroll = html("div", { class: "scroll", role: "region", "data-testid": "graph-scroll" })
    this.field.append(this.scroll)
    this.legend = html("div", { class: "legend", "data-testid": "graph-legend" })
    this.root.append(this.bar, this.field, this.legend)
    this.parent.append(this.root)
  }

  tool(name, text, label, act) {
    const button = html("button", { type: "button", "aria-label": label, title: label, "data-testid": `graph-${name}` }, text)
    button.addEventListener("click", act)
    return button
  }

  watch() {
    this.scroll.addEventListener("scroll", () => this.shade(), { passive: true })
    this.scroll.addEventListener("click", () => this.select(null))
    this.scroll.addEventListener("keydown", (event) => this.pressed(event))
    this.sizes = new ResizeObserver(() => this.resized())
    this.sizes.observe(this.scroll)
    this.onTheme = () => requestAnimationFrame(() => this.paint())
    this.scheme = matchMedia("(prefers-color-scheme: dark)")
    this.scheme.addEventListener("change", this.onTheme)
    // A switch of the theme gives the elements around us other classes and styles.
    this.themes = new MutationObserver(this.onTheme)
    const host = this.parent.host ?? this.parent
    for (const node of [host, host.parentElement, document.body, document.documentElement]) {
      if (node) this.themes.observe(node, { attributes: true, attributeFilter: ["class", "style", "data-theme"] })
    }
    const app = document.querySelector(".stApp")
    if (app) this.themes.observe(app, { attributes: true, attributeFilter: ["class", "style"] })
    this.onFonts = () => this.data && this.letter()
    document.fonts.ready.then(this.onFonts)
    document.fonts.addEventListener("loadingdone", this.onFonts)
  }

  destroy() {
    this.sizes.disconnect()
    this.themes.disconnect()
    this.scheme.removeEventListener("change", this.onTheme)
    document.fonts.removeEventListener("loadingdone", this.onFonts)
    this.root.remove()
  }

  // --- what Python says -------------------------------------------------------------------------------------------

  show(data, api) {
    this.api = api
    const first = !this.data
    const changed = this.data?.hash !== data.hash
    this.data = data
    if (data.order > this.order) {
      this.order = data.order
      this.selected = this.known(data.selected)
    }
    if (changed) this.draw(first)
    this.mark()
    this.root.dataset.ready = "true"
  }

  // Only the id of something drawn is a selection; an empty object or an unknown id is none.
  known(selection) {
    if (!selection || typeof selection !== "object") return null
    const { type, id } = selection
    const there = type === "node" ? this.cards : type === "link" ? this.links : null
    const drawn = type === "node" ? this.data.cards : this.data.links
    return (there && drawn.some((one) => one.id === id)) ? { type, id } : null
  }

  cards = new Map()
  links = new Map()

  draw(first) {
    const focused = this.parent.activeElement?.closest?.("[data-node-id],[data-link-id]")
    const back = focused && [focused.dataset.nodeId, focused.dataset.linkId]
    const { data } = this
    this.scroll.setAttribute("aria-label", `Drawing: ${data.title}`)
    this.scroll.style.maxHeight = `${data.most ?? HEIGHT}px`
    this.picture = svg("svg", { role: "group", "aria-label": data.title, viewBox: `0 0 ${data.width} ${data.height}` })
    this.cards = new Map(data.cards.map((card) => [card.id, this.card(card)]))
    this.links = new Map(data.links.map((link) => [link.id, this.link(link)]))
    this.picture.append(...this.links.values(), ...this.cards.values())
    this.scroll.replaceChildren(this.picture)
    this.selected = this.known(this.selected)
    this.rove(this.cards.has(this.current) ? this.current : data.cards[0]?.id, false)
    this.closer.hidden = !data.opened
    this.paint()
    this.letter()
    this.explain()
    if (first || !this.zoomed) this.zoom = this.initial()
    this.size()
    if (first) this.begin()
    if (back) (this.cards.get(back[0]) ?? this.links.get(back[1]))?.focus({ preventScroll: true })
  }

  card(card) {
    const group = svg("g", {
      class: card.critical ? "card critical" : "card", role: "button", tabindex: "-1", "aria-pressed": "false",
      "aria-label": card.name, transform: `translate(${card.x} ${card.y})`,
      "data-testid": "graph-card", "data-node-id": card.id,
    })
    const { w, h } = card
    group.append(svg("title", {}, card.tip))
    if (card.count > 1) group.append(svg("rect", { class: "box", x: 6, y: 5, width: w - 12, height: h, rx: 8 }))
    group.append(svg("rect", { class: "box top", width: w, height: h, rx: 8 }))
    const [x, y] = card.iconAt
    group.append(
      svg("rect", { x, y, width: 36, height: 36, rx: 7, fill: card.colour }),
      svg("path", { class: "glyph", d: card.icon, transform: `translate(${x + 8} ${y + 8}) scale(.8333)` }),
    )
    for (const line of card.lines) group.append(svg("text", { class: line.role, x: line.x, y: line.y }, line.text))
    for (const mark of card.marks) {
      const pill = svg("g", { class: mark.role })
      pill.append(
        svg("rect", { x: mark.x, y: mark.y, width: mark.w, height: mark.h, rx: mark.h / 2 }),
        svg("text", { x: mark.x + mark.w / 2, y: mark.y + 13.3 }, mark.text),
      )
      group.append(pill)
    }
    group.append(
      svg("rect", { class: "halo", width: w, height: h, rx: 8 }),
      svg("rect", { class: "ring", x: -4.5, y: -4.5, width: w + 9, height: h + 9, rx: 11 }),
    )
    const selection = { type: "node", id: card.id }
    group.addEventListener("click", (event) => this.clicked(event, selection))
    group.addEventListener("dblclick", () => this.open(card.id))
    group.addEventListener("focus", () => this.rove(card.id, true))
    return group
  }

  link(link) {
    const group = svg("g", {
      class: `link ${link.certainty}`, role: "button", tabindex: "-1", "aria-pressed": "false", "aria-label": link.name,
      "data-testid": "graph-link", "data-link-id": link.id,
    })
    group.append(
      svg("title", {}, link.name),
      svg("path", { class: "hit", d: link.d }),
      svg("path", { class: "line", d: link.d }),
      svg("path", { class: "head", d: link.arrow }),
    )
    if (link.word) group.append(svg("text", { class: "said", x: link.word.x, y: link.word.y + 4 }, link.word.text))
    group.addEventListener("click", (event) => this.clicked(event, { type: "link", id: link.id }))
    return group
  }

  // Names in the font of the page, as long as their room allows there.
  letter() {
    const family = getComputedStyle(this.root).fontFamily
    for (const card of this.data.cards) {
      const texts = this.cards.get(card.id).querySelectorAll(":scope > text")
      card.lines.forEach((line, at) => {
        texts[at].textContent = line.shown = cut(line.full, line.room, fontOf(line.role, family))
      })
    }
    for (const link of this.data.links) {
      if (!link.word) continue
      const text = link.word.shown = cut(link.word.text, link.word.w, fontOf("said", family))
      this.links.get(link.id).querySelector(".said").textContent = text
    }
  }

  explain() {
    const told = this.data.legend.map(({ sample, words }) => {
      const entry = html("span")
      if (sample) entry.append(this.sample(sample))
      entry.append(words)
      return entry
    })
    const opens = this.data.cards.some((card) => card.opens)
    told.push(
      html("span", {}, `${this.data.choosing}; Esc clears. Arrow keys walk along it, with Shift onto its links.`),
    )
    if (opens) told.push(html("span", {}, "Double-click or press + on a stack to open it."))
    if (this.data.note) told.unshift(html("span", { class: "note" }, this.data.note))
    this.legend.replaceChildren(...told)
  }

  sample(kind) {
    const picture = svg("svg", { width: 30, height: 14, "aria-hidden": "true" })
    const group = svg("g", { class: kind })
    if (kind === "critical") group.append(svg("rect", { class: "box top", x: 4, y: 1.5, width: 22, height: 11, rx: 3 }))
    else group.append(svg("path", { class: "line", d: "M1 7H29" }))
    picture.append(group)
    return picture
  }

  // --- colours ----------------------------------------------------------------------------------------------------

  paint() {
    if (!this.data) return
    const page = this.background()
    const theme = page.light ? "light" : "dark"
    const palette = this.data.palettes[theme]
    this.theme = theme
    this.palette = { ...palette, page: page.colour }
    this.root.dataset.theme = theme
    for (const [name, colour] of Object.entries(this.palette)) {
      this.root.style.setProperty(`--g-${name.replace(/_/g, "-")}`, colour)
    }
    this.root.style.setProperty("--g-shade", page.light ? "rgb(27 36 48 / .1)" : "rgb(0 0 0 / .4)")
  }

  // The first background behind us that can be seen, and whether dark text is read on it.
  background() {
    let node = this.parent.host ?? this.parent
    while (node && node.nodeType === 1) {
      const colour = getComputedStyle(node).backgroundColor
      const [red, green, blue, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number)
      if (/^rgb/.test(colour) && alpha > 0.5) {
        const linear = (channel) => (channel / 255) ** 2.2
        return { colour, light: 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) > 0.4 }
      }
      node = node.parentElement ?? node.getRootNode().host
    }
    return { colour: "rgb(255, 255, 255)", light: true }
  }

  // --- choosing ---------------------------------------------------------------------------------------------------

  clicked(event, selection) {
    event.stopPropagation()
    if (event.detail > 1) return // the second click of a double click opens
    this.toggle(selection)
  }

  toggle(selection) {
    const same = this.selected?.type === selection.type && this.selected.id === selection.id
    this.select(same ? null : selection)
  }

  select(selection) {
    const chosen = this.known(selection)
    if (!chosen && !this.selected) return
    this.selected = chosen
    this.mark()
    this.api.setStateValue("selected", { ...(chosen ?? { type: "none" }), order: this.order })
  }

  open(id) {
    const card = this.data.cards.find((one) => one.id === id)
    if (card?.opens) this.api.setTriggerValue("expand", id)
  }

  // All ids that lead to these, or that these lead to.
  beyond(ids, from, to) {
    const found = new Set(ids)
    const open = [...ids]
    while (open.length) {
      const id = open.pop()
      for (const link of this.data.links) {
        if (link[from] === id && !found.has(link[to])) { found.add(link[to]); open.push(link[to]) }
      }
    }
    return found
  }

  mark() {
    const { selected } = this
    const link = selected?.type === "link" ? this.data.links.find((one) => one.id === selected.id) : null
    const above = selected && this.beyond([link ? link.source : selected.id], "target", "source")
    const below = selected && this.beyond([link ? link.target : selected.id], "source", "target")
    for (const [id, card] of this.cards) {
      card.setAttribute("aria-pressed", String(selected?.type === "node" && selected.id === id))
      card.classList.toggle("dim", Boolean(selected) && !above.has(id) && !below.has(id))
    }
    for (const one of this.data.links) {
      const kept = Boolean(selected) && (one.id === link?.id || above.has(one.target) || below.has(one.source))
      const group = this.links.get(one.id)
      group.setAttribute("aria-pressed", String(link?.id === one.id))
      group.classList.toggle("dim", Boolean(selected) && !kept)
      group.classList.toggle("kept", kept)
    }
    this.root.dataset.selected = selected ? selected.id : ""
  }

  // --- walking ----------------------------------------------------------------------------------------------------

  // One card is the stop of the Tab key; the arrows move from there.
  rove(id, known) {
    if (this.current !== undefined) this.cards.get(this.current)?.setAttribute("tabindex", "-1")
    this.current = id
    const card = this.cards.get(id)
    card?.setAttribute("tabindex", "0")
    if (known && card) this.reveal(id)
  }

  reveal(id) {
    const { x, y, w, h } = this.data.cards.find((one) => one.id === id)
    const box = this.scroll, zoom = this.zoom, edge = 24
    const [left, top] = [this.left() + x * zoom, this.top() + y * zoom]
    if (left < box.scrollLeft + edge) box.scrollLeft = left - edge
    else if (left + w * zoom > box.scrollLeft + box.clientWidth - edge) box.scrollLeft = left + w * zoom - box.clientWidth + edge
    if (top < box.scrollTop + edge) box.scrollTop = top - edge
    else if (top + h * zoom > box.scrollTop + box.clientHeight - edge) box.scrollTop = top + h * zoom - box.clientHeight + edge
  }

  // What is chosen, or else where it starts, is in sight at first.
  begin() {
    const start = this.data.cards.find((one) => one.id === this.selected?.id) ?? this.data.cards[0]
    if (!start) return
    this.reveal(start.id)
    this.scroll.scrollTop = this.top() + (start.y + start.h / 2) * this.zoom - this.scroll.clientHeight / 2
  }

  left() { return Math.max(0, (this.scroll.clientWidth - this.data.width * this.zoom) / 2) }
  top() { return Math.max(0, (this.scroll.clientHeight - this.data.height * this.zoom) / 2) }

  pressed(event) {
    if (event.key === "Escape" && this.selected) {
      event.preventDefault()
      event.stopPropagation()
      return this.select(null)
    }
    const target = event.target.closest?.("[data-node-id],[data-link-id]")
    if (!target || event.ctrlKey || event.metaKey || event.altKey) return
    const next = target.dataset.linkId === undefined
      ? this.fromCard(target.dataset.nodeId, event) : this.fromLink(target.dataset.linkId, event)
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    next?.focus({ preventScroll: true })
  }

  // The element that a key moves to from a card, null where it moves nowhere, undefined where the key means nothing here.
  fromCard(id, { key, shiftKey }) {
    const { cards, links } = this.data
    const at = cards.findIndex((one) => one.id === id)
    const column = cards.filter((one) => one.column === cards[at].column)
    const row = column.findIndex((one) => one.id === id)
    const along = (from, to) => {
      const found = links.filter((one) => one[from] === id && one[to] !== id)
      if (shiftKey) return this.links.get(found[0]?.id) ?? null
      const near = found.map((one) => cards.find((card) => card.id === one[to]))
      near.sort((one, other) => Math.abs(one.y - cards[at].y) - Math.abs(other.y - cards[at].y))
      return this.cards.get(near[0]?.id) ?? null
    }
    if (key === "ArrowRight") return along("source", "target")
    if (key === "ArrowLeft") return along("target", "source")
    if (key === "ArrowUp") return this.cards.get(column[row - 1]?.id) ?? null
    if (key === "ArrowDown") return this.cards.get(column[row + 1]?.id) ?? null
    if (key === "Home") return this.cards.get(cards[0].id)
    if (key === "End") return this.cards.get(cards[cards.length - 1].id)
    if (key === "Enter" || key === " ") { this.toggle({ type: "node", id }); return null }
    if (key === "+" && cards[at].opens) { this.open(id); return null }
    return undefined
  }

  fromLink(id, { key }) {
    const link = this.data.links.find((one) => one.id === id)
    const beside = this.data.links.filter((one) => one.source === link.source)
    const at = beside.indexOf(link)
    if (key === "ArrowRight") return this.cards.get(link.target)
    if (key === "ArrowLeft") return this.cards.get(link.source)
    if (key === "ArrowUp") return this.links.get(beside[at - 1]?.id) ?? null
    if (key === "ArrowDown") return this.links.get(beside[at + 1]?.id) ?? null
    if (key === "Enter" || key === " ") { this.toggle({ type: "link", id }); return null }
    return undefined
  }

  // --- zoom -------------------------------------------------------------------------------------------------------

  room() { return (this.scroll.clientWidth || this.root.clientWidth) / this.data.width }
  initial() { return Math.min(FIRST_MOST, Math.max(1, this.room())) } // nothing below 12 px by itself
  whole() {
    const high = document.fullscreenElement ? this.scroll.clientHeight : this.data.most ?? HEIGHT
    return Math.min(FIRST_MOST, this.room(), (high - 4) / this.data.height)
  }

  zoomTo(zoom) {
    const box = this.scroll
    const old = this.zoom
    const middle = [
      (box.scrollLeft + box.clientWidth / 2 - this.left()) / old, (box.scrollTop + box.clientHeight / 2 - this.top()) / old,
    ]
    this.zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom))
    this.zoomed = true
    this.size()
    box.scrollLeft = middle[0] * this.zoom + this.left() - box.clientWidth / 2
    box.scrollTop = middle[1] * this.zoom + this.top() - box.clientHeight / 2
  }

  size() {
    this.picture.setAttribute("width", this.data.width * this.zoom)
    this.picture.setAttribute("height", this.data.height * this.zoom)
    this.percent.textContent = `${Math.round(this.zoom * 100)}%`
    this.root.dataset.zoom = this.zoom.toFixed(3)
    this.shade()
  }

  resized() {
    if (!this.data) return
    if (!this.zoomed) this.zoom = this.initial()
    this.size()
  }

  shade() {
    const box = this.scroll
    const over = box.scrollWidth > box.clientWidth + 1, tall = box.scrollHeight > box.clientHeight + 1
    this.field.toggleAttribute("data-before", over && box.scrollLeft > 2)
    this.field.toggleAttribute("data-after", over && box.scrollLeft + box.clientWidth < box.scrollWidth - 2)
    if (over || tall) box.setAttribute("tabindex", "0")
    else box.removeAttribute("tabindex")
    const hint = over && tall ? "Larger than its frame: scroll for the rest."
      : over ? "Wider than the page: scroll sideways for the rest." : tall ? "Scroll down for the rest." : ""
    if (this.hint.textContent !== hint) this.hint.textContent = hint
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen()
    else this.root.requestFullscreen?.()
  }

  // --- files ------------------------------------------------------------------------------------------------------

  saveSvg() {
    download(new Blob([this.data.svg[this.theme]], { type: "image/svg+xml" }), `${this.data.file}.svg`)
  }

  savePng() {
    const { width, height } = this.data
    const scale = Math.min(2, 16_000 / Math.max(width, height))
    const canvas = html("canvas", { width: Math.ceil(width * scale), height: Math.ceil(height * scale) })
    const to = canvas.getContext("2d")
    to.scale(scale, scale)
    new Painter(to, this.palette, getComputedStyle(this.root).fontFamily).all(this.data)
    canvas.toBlob((blob) => blob && download(blob, `${this.data.file}.png`), "image/png")
  }
}

// The same drawing on a canvas: an SVG taken as an image would not see the fonts of the page.
class Painter {
  constructor(to, palette, family) {
    Object.assign(this, { to, palette, family })
  }

  all(data) {
    this.to.fillStyle = this.palette.page
    this.to.fillRect(0, 0, data.width, data.height)
    data.links.forEach((link) => this.link(link))
    data.cards.forEach((card) => this.card(card))
  }

  text(words, x, y, role, colour, align = "left") {
    Object.assign(this.to, { font: fontOf(role, this.family), fillStyle: colour, textAlign: align })
    this.to.fillText(words, x, y)
  }

  box(x, y, w, h, radius, fill, stroke, width = 1.2) {
    this.to.beginPath()
    this.to.roundRect(x, y, w, h, radius)
    this.to.fillStyle = fill
    this.to.fill()
    if (!stroke) return
    Object.assign(this.to, { strokeStyle: stroke, lineWidth: width })
    this.to.stroke()
  }

  link(link) {
    const { to, palette } = this
    Object.assign(to, { strokeStyle: palette.line, fillStyle: palette.line, lineWidth: 2 })
    to.lineCap = link.certainty === "possible" ? "round" : "butt"
    to.setLineDash({ conditional: [6, 4], possible: [1.5, 5] }[link.certainty] ?? [])
    to.stroke(new Path2D(link.d))
    to.setLineDash([])
    to.fill(new Path2D(link.arrow))
    if (link.word) this.text(link.word.shown ?? link.word.text, link.word.x, link.word.y + 4, "said", palette.text, "center")
  }

  card(card) {
    const { to, palette } = this
    const { x, y, w, h } = card
    if (card.count > 1) this.box(x + 6, y + 5, w - 12, h, 8, palette.card, palette.card_border)
    this.box(x, y, w, h, 8, palette.card, card.critical ? palette.danger : palette.card_border, card.critical ? 2.4 : 1.2)
    const [left, top] = [x + card.iconAt[0], y + card.iconAt[1]]
    this.box(left, top, 36, 36, 7, card.colour)
    to.save()
    to.translate(left + 8, top + 8)
    to.scale(0.8333, 0.8333)
    Object.assign(to, { strokeStyle: "#fff", lineWidth: 2, lineCap: "round", lineJoin: "round" })
    to.stroke(new Path2D(card.icon))
    to.restore()
    for (const line of card.lines) {
      const colour = line.role === "name" ? palette.text : line.role === "word" && card.critical ? palette.danger : palette.muted
      this.text(line.shown ?? line.text, x + line.x, y + line.y, line.role, colour)
    }
    for (const mark of card.marks) {
      const red = mark.role === "badge"
      this.box(x + mark.x, y + mark.y, mark.w, mark.h, mark.h / 2, red ? palette.danger : palette.second, red ? null : palette.card_border)
      this.text(mark.text, x + mark.x + mark.w / 2, y + mark.y + 13.3, "mark", red ? palette.on_danger : palette.text, "center")
    }
  }
}

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  let drawing = instances.get(parentElement)
  if (!drawing) {
    drawing = new Drawing(parentElement)
    instances.set(parentElement, drawing)
  }
  const call = ++drawing.calls
  drawing.show(data, { setStateValue, setTriggerValue })
  // Streamlit may clean up after an earlier call while a later one has drawn already.
  return () => {
    if (drawing.calls !== call) return
    drawing.destroy()
    instances.delete(parentElement)
  }
}
