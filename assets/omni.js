// What the pages do by themselves: dialogs, the palette, keys, copying, typed confirmation, messages that leave.
// Listens on the document, so it works with whatever the framework renders. No eval, no dependencies.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const store = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window: kept for this page only */ } },
  };
  const editing = (target) => target.closest("input,textarea,select,[contenteditable=true]");
  const visible = (element) => element && element.offsetParent !== null;

  // Dialogs
  const show = (dialog) => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const first = one("[data-first],input:not([type=hidden]),select,textarea", dialog);
    if (first) first.focus();
  };
  document.addEventListener("close", (event) => {
    const dialog = event.target;
    if (dialog.dataset && dialog.dataset.shown === "true") one("[data-dismiss]", dialog)?.click();
  }, true);

  // The palette
  const options = () => all("#palette-list [role=option]").filter((option) => !option.hidden);
  const select = (option) => {
    all("#palette-list [role=option]").forEach((other) => other.setAttribute("aria-selected", String(other === option)));
    const input = one("#palette-input");
    if (!option) return input?.removeAttribute("aria-activedescendant");
    if (!option.id) option.id = "palette-" + Math.abs([...option.textContent].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) | 0, 7));
    input?.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  // What is found later must not slip under the reader's Enter, so ``keep`` leaves the choice where it is
  const filterPalette = (keep = false) => {
    const wanted = plain(one("#palette-input")?.value.trim() ?? "");
    all("#palette-list [data-page]").forEach((option) => { option.hidden = !plain(option.textContent).includes(wanted); });
    const found = options();
    one("#palette")?.classList.toggle("nothing", found.length === 0);
    const chosen = found.find((option) => option.getAttribute("aria-selected") === "true");
    select((keep && chosen) || found[0]);
  };
  const paletteKey = (event) => {
    const found = options();
    const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") select(found[(at + 1) % found.length]);
    else if (event.key === "ArrowUp") select(found[(at - 1 + found.length) % found.length]);
    else if (event.key === "Enter" && at >= 0) found[at].click();
    else return;
    event.preventDefault();
  };
  const openPalette = () => { show(one("#palette")); one("#palette-input")?.select(); filterPalette(); };

  // Menus: arrows, Home, End and first letters walk their entries (ARIA Authoring Practices, menu button)
  const entryAfter = (event, items, at) => {
    const count = items.length;
    switch (event.key) {
      case "ArrowDown": return items[(at + 1) % count];
      case "ArrowUp": return items[(Math.max(at, 0) - 1 + count) % count];
      case "Home": return items[0];
      case "End": return items[count - 1];
    }
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return null;
    const later = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    return later.find((item) => plain(item.textContent.trim()).startsWith(plain(event.key)));
  };
  const menuKey = (event, menu) => {
    const items = all("[data-menu-item]", menu);
    const isMenu = menu.getAttribute("role") === "menu";
    if (isMenu && event.key === "Tab") { menu.hidePopover(); return; }
    const walks = isMenu || ["ArrowDown", "ArrowUp"].includes(event.key);
    const next = items.length && walks && event.key !== " " ? entryAfter(event, items, items.indexOf(document.activeElement)) : null;
    if (!next) return;
    next.focus();
    event.preventDefault();
  };
  document.addEventListener("toggle", (event) => {
    if (event.newState === "open" && event.target.getAttribute("role") === "menu") one("[data-menu-item]", event.target)?.focus();
  }, true);

  // What the address keeps of the way of looking is written without loading anything, before the page hears of it
  const readdress = (name, value) => {
    const address = new URL(location.href);
    if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-address]")) readdress(event.target.dataset.address, event.target.value);
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-address]");
    if (button) readdress(...button.dataset.address.split("="));
    const kind = event.target.closest?.("[data-full]")?.dataset.full;
    // A browser that does not fill the screen, such as a phone's, still shows the page without what is around it
    if (kind === "enter") document.documentElement.requestFullscreen?.().catch(() => undefined);
    if (kind === "leave" && document.fullscreenElement) document.exitFullscreen();
  }, true);
  document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement) one("[data-full=leave]")?.click(); });

  // Figures renew themselves while somebody can see them, and once after the connection was lost
  let counted = "";
  let due = 0;
  let wasOffline = false;
  setInterval(() => {
    const renew = one("[data-every]");
    if (!renew) return;
    const every = Number(renew.dataset.every) * 1000;
    const now = `${renew.dataset.every} ${renew.dataset.since}`;
    if (now !== counted) { counted = now; due = Date.now() + every; }
    if (!every || document.hidden || one(".o-offline") || Date.now() < due) return;
    due = Date.now() + every;
    renew.click();
  }, 1000);
  const noteConnection = () => {
    const offline = Boolean(one(".o-offline"));
    if (wasOffline && !offline) one("[data-every]")?.click();
    wasOffline = offline;
  };

  // A question back: arrow keys walk its answers, a digit gives one
  const answerKey = (event, group) => {
    const items = all("button", group);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    else if (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) items[Number(event.key) - 1]?.click();
    else return;
    event.preventDefault();
  };

  // Keys
  let going = 0;
  const singleKey = (event) => {
    if (Date.now() - going < 1200) {
      going = 0;
      const entry = all(`[data-go="${CSS.escape(event.key)}"]`)[0];
      if (entry) { event.preventDefault(); entry.click(); }
      return;
    }
    if (event.key === "g") going = Date.now();
    else if (event.key === "/") { const box = all("[data-list-search]").find(visible); if (box) { event.preventDefault(); box.focus(); box.select(); } }
    else if (event.key === "?") show(one("#shortcuts"));
    else if (event.key === "f") one("[data-full]")?.click();
    else if (event.key === "t") {
      const near = document.activeElement?.closest("[data-tile]");
      const toggle = (near && one("[data-view-table]", near)) || all("[data-view-table]").find(visible);
      toggle?.click();
    }
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); return; }
    if (event.target.id === "palette-input") { paletteKey(event); return; }
    const menu = event.target.closest?.("[popover]");
    if (menu) { menuKey(event, menu); return; }
    const answers = event.target.closest?.("[data-options]");
    if (answers) answerKey(event, answers);
    const box = event.target.closest?.("[data-send]");
    if (box && event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); box.form?.requestSubmit(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    if (event.key === "Escape" && !one("[popover]:popover-open")) one("[data-full=leave]")?.click();
    if (editing(event.target)) return;
    if (store.get("omni.keys") === "off") return;
    singleKey(event);
  });

  // Clicks
  document.addEventListener("click", (event) => {
    const blocked = event.target.closest("[aria-disabled=true]");
    if (blocked) { event.preventDefault(); event.stopPropagation(); }
  }, true);
  const copy = async (button) => {
    const text = button.dataset.copy;
    try { await navigator.clipboard.writeText(text); } catch {
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
    }
    button.dataset.copied = "true";
    setTimeout(() => delete button.dataset.copied, 2000);
  };
  document.addEventListener("change", async (event) => {
    const chooser = event.target;
    if (chooser.type !== "file" || !chooser.dataset.readInto || !chooser.files[0]) return;
    document.getElementById(chooser.dataset.readInto).value = await chooser.files[0].text();
  });
  document.addEventListener("click", (event) => {
    const target = event.target;
    const opener = target.closest("[data-open]");
    if (opener) opener.dataset.open === "palette" ? openPalette() : show(document.getElementById(opener.dataset.open));
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
    const dialog = target.closest("dialog");
    if (target === dialog || (dialog && ["palette", "drawer"].includes(dialog.id) && target.closest("a"))) dialog.close();
    const menu = target.closest("[popover]");
    if (menu && target.closest("[data-menu-item]:not([data-menu-keep])")) menu.hidePopover();
    const copier = target.closest("[data-copy]");
    if (copier) copy(copier);
    const reveal = target.closest("[data-reveal]");
    if (reveal) {
      const input = document.getElementById(reveal.dataset.reveal);
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      reveal.setAttribute("aria-pressed", String(shown));
    }
    const jump = target.closest("[data-ask]");
    if (jump) { const box = one("#question"); if (box) { setValue(box, jump.dataset.ask); box.focus(); } }
  });

  // Typed confirmation and the palette's text
  const setValue = (element, value) => {
    const proto = element.tagName === "TEXTAREA" ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
    Object.getOwnPropertyDescriptor(proto, "value").set.call(element, value);
    element.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("input", (event) => {
    if (event.target.id === "palette-input") filterPalette();
    if (event.target.dataset.confirmWord !== undefined) {
      const button = one("[type=submit]", event.target.closest("form"));
      button.setAttribute("aria-disabled", String(event.target.value.trim() !== event.target.dataset.confirmWord));
    }
  });
  const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };
  document.addEventListener("submit", (event) => {
    if (one("[type=submit][aria-disabled=true]", event.target)) swallow(event);
  }, true);

  // The second click of a double click, and Enter held down, carry nothing out a second time
  const CARRIES_OUT = "[type=submit],.o-btn:is(.pri,.dan)";
  document.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest(CARRIES_OUT)) swallow(event);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.repeat && event.target.closest(`${CARRIES_OUT},form input,form select`)) swallow(event);
  }, true);

  // What the browser itself finds wrong is said in the page's language and words, not the browser's
  document.addEventListener("invalid", (event) => {
    const field = event.target;
    const says = one("#omni")?.dataset;
    if (says) field.setCustomValidity(field.validity.valueMissing ? says.sayEmpty : says.sayWrong);
    field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
  }, true);

  // A form that the browser posts: what was typed comes back with a refusal (``?error=``), except passwords
  const KEPT = "input[name]:not([type=hidden]):not([type=password])";
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.keep === undefined) return;
    const typed = all(KEPT, form).map((input) => [input.name, input.value]);
    try { sessionStorage.setItem("omni.kept", JSON.stringify([form.dataset.keep, typed])); } catch { /* private window: typed again */ }
  });
  const putBack = (form) => {
    form.dataset.kept = "true";
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem("omni.kept")); sessionStorage.removeItem("omni.kept"); } catch { /* nothing kept */ }
    if (!kept || kept[0] !== form.dataset.keep || !new URLSearchParams(location.search).has("error")) return;
    for (const [name, value] of kept[1]) {
      const input = one(`[name="${CSS.escape(name)}"]`, form);
      if (input && !input.value) setValue(input, value);
    }
  };
  document.addEventListener("change", (event) => {
    if (event.target.dataset.singleKeys !== undefined) store.set("omni.keys", event.target.checked ? "on" : "off");
  });

  // Uploads: streamed by the browser to the REST route, with progress
  const part = (form, name) => one(`[data-upload-${name}]`, form);
  const chooseFile = (form) => {
    const file = part(form, "file").files[0];
    part(form, "name").textContent = file ? file.name : "";
    part(form, "send").setAttribute("aria-disabled", String(!file));
    const name = one("[name=name]", form);
    if (file && name && !name.value) name.value = file.name.replace(/(\.(csv|tsv|txt|xlsx|parquet|json|jsonl|ndjson|gz|sqlite3?|db))+$/i, "");
  };
  const uploading = (form, busy) => {
    part(form, "progress").hidden = !busy;
    part(form, "stop").hidden = !busy;
    part(form, "send").setAttribute("aria-disabled", String(busy));
  };
  const send = (form) => {
    const file = part(form, "file").files[0];
    if (!file) return;
    const body = new FormData();
    body.append("name", one("[name=name]", form)?.value.trim() || file.name);
    body.append("file", file);
    const request = new XMLHttpRequest();
    const fail = (text) => {
      uploading(form, false);
      const problem = part(form, "error");
      problem.textContent = text || form.dataset.failed;
      problem.hidden = false;
      problem.focus();
    };
    request.upload.addEventListener("progress", (event) => {
      const percent = event.lengthComputable ? Math.floor(event.loaded / event.total * 100) : 0;
      part(form, "meter").setAttribute("aria-valuenow", percent);
      part(form, "meter").firstElementChild.style.width = percent + "%";
      part(form, "percent").textContent = percent + " %";
    });
    request.addEventListener("load", () => {
      if (request.status === 202 || request.status === 201) {
        uploading(form, false);
        form.reset(); chooseFile(form);
        setValue(part(form, "answer"), request.responseText);
        form.closest("dialog")?.close();
        return;
      }
      let problem = {};
      try { problem = JSON.parse(request.responseText); } catch { /* not a problem document: the general text follows */ }
      fail(problem.detail || problem.title);
    });
    request.addEventListener("error", () => fail());
    request.addEventListener("abort", () => uploading(form, false));
    part(form, "stop").onclick = () => request.abort();
    part(form, "error").hidden = true;
    uploading(form, true);
    const isSqlite = form.dataset.uploadSqlite && /\.(sqlite3?|db)$/i.test(file.name);
    request.open("POST", isSqlite ? form.dataset.uploadSqlite : form.dataset.upload);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.setRequestHeader("Idempotency-Key", crypto.randomUUID ? crypto.randomUUID() : String(Math.floor(performance.now() * 1e6)));
    request.send(body);
  };
  document.addEventListener("change", (event) => { if (event.target.dataset.uploadFile !== undefined) chooseFile(event.target.form); });
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.upload !== undefined) { event.preventDefault(); send(event.target); }
  });
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => {
    const area = event.target.closest?.("[data-drop]");
    if (!area) return;
    event.preventDefault();
    if (kind === "drop") { const input = one("[data-upload-file]", area); input.files = event.dataTransfer.files; chooseFile(input.form); }
  });

  // A search typed while the connection was away is lost on its way: it is sent again until the list shows it
  const AGAIN_MS = 1500, TRIES = 40;
  const insist = (box, tries) => {
    clearTimeout(insist.timer);
    insist.timer = setTimeout(() => {
      const wanted = box.value;
      if (!box.isConnected || tries === 0 || wanted.trim() === (box.dataset.applied ?? "").trim()) return;
      box.dataset.resent = "true";
      setValue(box, wanted + " "); setValue(box, wanted); // two changes: the framework drops one that changes nothing
      delete box.dataset.resent;
      insist(box, tries - 1);
    }, AGAIN_MS);
  };
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (box.dataset.listSearch !== undefined && box.dataset.resent === undefined) insist(box, TRIES);
  });

  // Messages leave after six seconds, unless they are looked at
  const leaving = new WeakMap();
  const watchFlash = (flash) => {
    if (leaving.has(flash) || flash.dataset.flash === "error") return;
    const tick = () => {
      if (!flash.isConnected) return;
      if (flash.matches(":hover,:focus-within")) leaving.set(flash, setTimeout(tick, 2000));
      else one("[data-flash-close]", flash)?.click();
    };
    leaving.set(flash, setTimeout(tick, 6000));
  };

  // What the framework renders
  const settle = () => {
    const root = one("#omni[data-lang]");
    if (root && root.dataset.ready === "true" && document.documentElement.lang !== root.dataset.lang) {
      document.documentElement.lang = root.dataset.lang;
      document.cookie = `omni_language=${root.dataset.lang}; path=/; max-age=31536000; samesite=lax`;
    }
    if (root?.dataset.ready === "true") document.documentElement.classList.add("omni-ready");
    all("dialog[data-shown]").forEach((dialog) => {
      if (dialog.dataset.shown === "true") show(dialog);
      else if (dialog.open) dialog.close();
    });
    all("[data-flash]").forEach(watchFlash);
    noteConnection();
    all("[data-focus=true]").forEach((element) => { if (!element.dataset.focused) { element.dataset.focused = "true"; element.focus(); } });
    all("[data-options]").forEach((group) => {
      const first = one("button", group);
      if (!first || first.dataset.focused || one("#question")?.value) return; // who types the next question is left alone
      first.dataset.focused = "true"; first.focus();
    });
    all("[data-indeterminate]").forEach((element) => { element.indeterminate = element.dataset.indeterminate === "true"; });
    all("[data-time-zone]").forEach((input) => { input.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"; });
    all("form[data-keep]").forEach((form) => { if (!form.dataset.kept && one(KEPT, form)) putBack(form); });
    const keys = one("#single-keys");
    if (keys && !keys.dataset.set) { keys.dataset.set = "true"; keys.checked = store.get("omni.keys") !== "off"; }
    if (one("#palette")?.open) filterPalette(true);
  };
  let queued = false;
  new MutationObserver(() => {
    if (queued) return;
    queued = true;
    queueMicrotask(() => { queued = false; settle(); });
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true,
    attributeFilter: ["data-shown", "data-lang", "data-ready"] });
  settle();

  // A key that is shown once, changes that are not saved: ask before they are gone. Where the guard names a dialog,
  // links and the browser's Back ask by it; closing the window asks by the browser's own
  let onward = null;
  let decided = false;
  const question = () => { const guard = one("[data-leave-guard]"); return guard && !decided ? document.getElementById(guard.dataset.leaveGuard) : null; };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target === "_blank" || link.hasAttribute("download") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const address = new URL(link.href, location.href);
    if (address.pathname === location.pathname || address.pathname.startsWith("/api/") || !question()) return;
    event.preventDefault(); event.stopPropagation();
    one("dialog[open]")?.close();
    onward = () => link.click();
    show(question());
  }, true);
  window.navigation?.addEventListener("navigate", (event) => {
    if (event.navigationType !== "traverse" || !event.cancelable || !question()) return;
    event.preventDefault();
    const { key } = event.destination;
    onward = () => window.navigation.traverseTo(key);
    show(question());
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-leave]") || !onward) return;
    event.target.closest("dialog").close();
    decided = true;
    onward();
    onward = null;
    new MutationObserver((_, watch) => { if (!one("[data-leave-guard]")) { decided = false; watch.disconnect(); } })
      .observe(document.documentElement, { subtree: true, childList: true });
  });
  window.addEventListener("beforeunload", (event) => { if (one("[data-leave-guard]") && !decided) event.preventDefault(); });
})();
