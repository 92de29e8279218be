// The page of an embed: asks for its figures with the key or token in the fragment, and draws them. No cookies, no storage.
(() => {
  "use strict";
  const page = document.documentElement;
  const { id, texts: written, theme } = document.body.dataset;
  const texts = JSON.parse(written);
  const root = document.querySelector("main");
  const chosen = { period: "", filters: {} };
  const asTable = new Set();
  const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false, showTips: false };
  let templates = null;
  let drawing = null;
  let latest = 0;

  const make = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== ""));
    return node;
  };
  const credential = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    return given.get("token") ?? given.get("key") ?? "";
  };
  const periods = () => ({
    "": null,
    last_30: { kind: "trailing", n: 30, grain: "day" },
    this_month: { kind: "this", grain: "month" },
    previous_month: { kind: "previous", grain: "month" },
    this_quarter: { kind: "this", grain: "quarter" },
    this_year: { kind: "this", grain: "year" },
    previous_year: { kind: "previous", grain: "year" },
  });

  const ask = async (path, more) => {
    const body = { credential: credential(), period: periods()[chosen.period], filters: chosen.filters, ...more };
    return fetch(`/api/v1/embeds/${id}/${path}`, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json", "Accept-Language": page.lang },
      body: JSON.stringify(body),
    });
  };

  // Colours follow the embed's theme, or the reader's system
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => theme === "dark" || (theme === "auto" && darkness.matches);
  const paint = () => { page.classList.toggle("dark", isDark()); page.classList.toggle("light", !isDark()); };

  const script = (address) => new Promise((done, failed) => {
    document.head.append(make("script", { src: address, onload: done, onerror: failed }));
  });
  // The library is fetched only when there is something to draw
  const library = () => {
    drawing ??= Promise.all([
      script("/embedded/plotly.js"),
      fetch("/embedded/templates.json", { credentials: "omit" }).then((answer) => answer.json()),
    ]).then(([, found]) => { templates = found; });
    return drawing;
  };
  const draw = async (place, tile) => {
    await library();
    const narrow = innerWidth <= 640 && tile.phone_layout ? tile.phone_layout : {};
    const layout = { ...tile.figure.layout, ...narrow, template: templates[isDark() ? "dark" : "light"] };
    await globalThis.Plotly.react(place, tile.figure.data, layout, CONFIG);
  };

  const table = (tile) => {
    const align = (index) => (tile.table.columns[index].align === "right" ? "num" : "");
    const head = tile.table.columns.map((one, index) => make("th", { scope: "col", class: align(index) }, one.label));
    const lines = tile.table.rows.map((row) => make("tr", {}, ...row.map((cell, index) => make("td", { class: align(index) }, cell))));
    const total = (cell, index) => (align(index) ? make("td", { class: "num" }, cell) : make("th", { scope: "row" }, cell));
    const foot = tile.table.footer.length ? make("tfoot", {}, make("tr", {}, ...tile.table.footer.map(total))) : "";
    return make("div", { class: "o-tablewrap o-figtable", role: "region", tabindex: "0", "aria-label": tile.title },
      make("table", { class: `o-table${foot ? " o-pivot" : ""}` }, make("caption", { class: "vh" }, tile.title),
        make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...lines), foot));
  };
  // Words of a person: only text nodes, and addresses that the server let through
  const span = (one) => {
    const look = [one.strong && "strong", one.emphasis && "emphasis"].filter(Boolean).join(" ");
    const words = one.code ? make("code", {}, one.text) : make("span", { class: look }, one.text);
    return one.href ? make("a", { href: one.href, rel: "noreferrer", target: "_blank" }, words) : words;
  };
  const KINDS = { heading: "h3", subheading: "h4", quote: "blockquote", code: "pre", rule: "hr" };
  const block = (one) => {
    const inside = one.spans.map(span);
    const inset = one.depth ? { style: `margin-inline-start:calc(1.25rem * ${one.depth})` } : {};
    if (one.mark) return make("p", { class: "entry", ...inset }, make("span", { class: "mark" }, one.mark), make("span", {}, ...inside));
    return make(KINDS[one.kind] ?? "p", one.kind === "code" ? { tabindex: "0" } : inset, ...inside);
  };
  const prose = (tile) => make("div", { class: "o-prose" }, ...tile.text.map(block));
  const number = ({ number: shown }) => {
    const delta = shown.delta && make("div", { class: "c" },
      make("span", { class: `up ${shown.delta.tone === "neutral" ? "" : shown.delta.tone}` }, shown.delta.text), make("span", {}, shown.delta.against));
    return make("div", { class: "o-stat plain" }, make("div", { class: "v" }, make("span", { title: shown.text }, shown.short)), delta || "");
  };
  const colour = (entry) => (entry.palette ? `var(--o-c${entry.palette})` : "var(--o-compare)");
  const chart = (tile) => {
    const place = make("div", { class: "o-plot" });
    const marks = tile.legend.length > 1
      ? make("ul", { class: "o-legend" }, ...tile.legend.map((entry) => make("li", {}, make("i", { style: `background:${colour(entry)}` }), entry.name)))
      : "";
    // drawn once it is in the page, so that it knows its width
    requestAnimationFrame(() => draw(place, tile).catch(() => place.replaceChildren(make("p", {}, texts.failed))));
    return make("div", {}, marks, make("figure", { class: "o-chart" },
      make("div", { role: "img", "aria-label": tile.accessible || tile.title }, place)));
  };
  const body = (tile) => {
    if (tile.state !== "ready") return make("p", { class: "mut" }, tile.message || texts.failed);
    if (tile.table && (asTable.has(tile.id) || tile.chart === "table")) return table(tile);
    if (tile.number) return number(tile);
    if (tile.chart === "text") return prose(tile);
    if (tile.figure) return chart(tile);
    return tile.table ? table(tile) : make("p", { class: "mut" }, tile.finding);
  };
  const button = (word, title, onclick, more = {}) =>
    make("button", { type: "button", class: "o-btn sm", "aria-label": `${word}: ${title}`, onclick, ...more }, word);
  const buttons = (tile, csv, redraw) => {
    const found = [];
    if (tile.state === "ready" && tile.table && tile.figure) {
      const pressed = asTable.has(tile.id);
      found.push(button(pressed ? texts.chart : texts.table, tile.title, () => { if (!asTable.delete(tile.id)) asTable.add(tile.id); redraw(); }));
    }
    if (tile.state === "ready" && csv && !tile.number && tile.chart !== "text") found.push(button("CSV", tile.title, () => download(tile)));
    return found;
  };
  const section = (tile, csv) => {
    const high = tile.height ? { style: `--o-rows:${tile.height}` } : {};
    const node = make("section", { ...high, class: `o-tile s${tile.width}${tile.chart === "number" ? " half" : ""}${tile.height ? " sized" : ""}`, "data-tile": tile.id, "aria-label": tile.title });
    const fill = () => {
      const below = tile.number ? tile.period : tile.finding; // under a number its change stands in words anyway
      const said = below ? make("p", { class: "sub" }, below) : "";
      node.replaceChildren(
        make("header", {}, make("div", {}, make("h2", {}, tile.title), said), ...buttons(tile, csv, () => { fill(); node.querySelector("button")?.focus(); })),
        make("div", { class: "b" }, body(tile), ...tile.notes.map((note) => make("p", { class: "mut small" }, note))));
    };
    fill();
    return node;
  };

  const download = async (tile) => {
    const answer = await ask("export", { tile_id: tile.id }).catch(() => null);
    if (!answer?.ok) { say(answer?.status ?? 0); return; }
    const address = URL.createObjectURL(await answer.blob());
    make("a", { href: address, download: `${tile.title}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  const choice = (label, options, value, onchange) => {
    const entries = options.map(([key, word]) => make("option", { value: key, ...(key === value ? { selected: "" } : {}) }, word));
    return make("label", { class: "o-choice" }, make("span", {}, label), make("select", { onchange: (event) => onchange(event.target.value) }, ...entries));
  };
  const controls = (view) => {
    const found = view.open_fields.map((field) => {
      const present = (chosen.filters[field.field] ?? []).map(String)[0] ?? "";
      const options = [["", texts.all], ...field.values.map((value) => [String(value), String(value)])];
      return choice(field.label, options, present, (picked) => {
        const value = field.values.find((one) => String(one) === picked);
        if (value === undefined) delete chosen.filters[field.field];
        else chosen.filters[field.field] = [value];
        load(false);
      });
    });
    if (view.period_open) {
      const options = Object.keys(periods()).map((name) => [name, texts[`period_${name || "own"}`]]);
      found.unshift(choice(texts.period, options, chosen.period, (picked) => { chosen.period = picked; load(false); }));
    }
    return found.length ? make("form", { class: "o-embedbar", "aria-label": texts.filters, onsubmit: (event) => event.preventDefault() }, ...found) : "";
  };
  const render = (view) => {
    const focusable = () => [...root.querySelectorAll("select, button")];
    const focused = focusable().indexOf(document.activeElement);
    document.title = view.title || document.title;
    root.replaceChildren(
      view.title ? make("h1", {}, view.title) : make("h1", { class: "vh" }, texts.view),
      controls(view),
      make("div", { class: "o-grid" }, ...view.tiles.map((tile) => section(tile, view.allow_csv))));
    if (focused >= 0) focusable()[focused]?.focus({ preventScroll: true });
  };
  const say = (status) => {
    const word = { 401: texts.token, 403: texts.closed, 404: texts.closed, 429: texts.busy }[status] ?? texts.failed;
    const again = make("button", { type: "button", class: "o-btn", onclick: () => load(true) }, texts.retry);
    root.replaceChildren(make("h1", { class: "vh" }, texts.view), make("div", { class: "o-embedsaid", role: "alert" }, make("p", {}, word), again));
  };
  // It renews itself as often as its dashboard does: what stands is kept while that fails, and nobody is asked while nobody looks
  const shown = { said: "", at: null, every: 0, timer: 0, due: false };
  const renewLater = () => {
    clearTimeout(shown.timer);
    if (!shown.every) return;
    shown.timer = setTimeout(() => { if (document.hidden) shown.due = true; else load(false, true); }, shown.every * 1000);
  };
  const stale = () => {
    const time = shown.at.toLocaleTimeString(page.lang, { timeStyle: "short" });
    root.querySelector(":scope > .o-stale")?.remove();
    root.prepend(make("p", { class: "o-stale", role: "status" }, texts.stale.replace("{time}", () => time)));
  };
  const load = async (opened, renewing = false) => {
    const mine = ++latest;
    shown.due = false;
    if (!renewing) root.setAttribute("aria-busy", "true");
    const answer = await ask("view", { opened }).catch(() => null);
    const said = answer?.ok ? await answer.text().catch(() => "") : "";
    if (mine !== latest) return; // a later choice has overtaken this one
    root.setAttribute("aria-busy", "false");
    if (said) {
      const isSame = renewing && said === shown.said;
      Object.assign(shown, { said, at: new Date(), every: JSON.parse(said).refresh_s });
      if (isSame) root.querySelector(":scope > .o-stale")?.remove();
      else render(JSON.parse(said));
    } else if (renewing && ![403, 404].includes(answer?.status)) stale();
    else {
      shown.every = 0;
      say(answer?.status ?? 0);
    }
    renewLater();
  };

  paint();
  darkness.addEventListener("change", () => { paint(); load(false); });
  addEventListener("hashchange", () => load(false)); // the page around gave a fresh token
  document.addEventListener("visibilitychange", () => { if (!document.hidden && shown.due) load(false, true); });
  if (parent !== window) {
    new ResizeObserver(() => parent.postMessage({ omniEmbed: id, height: Math.ceil(root.getBoundingClientRect().height) }, "*")).observe(root);
  }
  load(true);
})();
