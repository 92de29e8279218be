// Arranging figures in the editor: dragging by the handle, sizing by the corner, keys on the handle, undo and redo.
// Nothing is decided here: what was asked for goes to the server as one form. No eval, no dependencies.
(() => {
  "use strict";
  const COLUMNS = 12, LEAST_COLUMNS = 2, ROWS = 20, LEAST_ROWS = 2, ROW_PX = 68, GAP_PX = 16;
  const SLACK_PX = 4, EDGE_PX = 64, SCROLL_PX = 14, FULL_SHARE = 0.9;
  const STEPS = { ArrowLeft: ["earlier", "narrower"], ArrowRight: ["later", "wider"], ArrowUp: ["up", "shorter"], ArrowDown: ["down", "taller"] };
  const LIST_STEPS = { ...STEPS, ArrowLeft: ["", "narrower"], ArrowRight: ["", "wider"], ArrowUp: ["earlier", "shorter"], ArrowDown: ["later", "taller"] };
  const units = (board) => [...board.querySelectorAll("[data-arranged]")];
  const send = (fields) => {
    const form = document.getElementById("arrange-form");
    if (!form) return;
    for (const input of form.elements) input.value = fields[input.name] ?? "";
    form.requestSubmit();
  };
  const within = (value, low, high) => Math.min(Math.max(value, low), high);

  // Keys
  document.addEventListener("keydown", (event) => {
    const handle = event.target.closest?.("[data-grip]");
    if (!handle || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = handle.closest("[data-arrange]")?.dataset.arrange === "list" ? LIST_STEPS : STEPS;
    const action = steps[event.key]?.[event.shiftKey ? 1 : 0];
    if (!action) return;
    event.preventDefault();
    send({ tile: handle.dataset.grip, action });
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest?.("input,textarea,[contenteditable=true]")) return;
    const key = event.key.toLowerCase();
    const isRedo = key === "y" || (key === "z" && event.shiftKey);
    if ((key !== "z" && !isRedo) || document.querySelector("dialog[open]")) return;
    const button = document.querySelector(isRedo ? "[data-redo]" : "[data-undo]");
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // What is removed takes the focus with it: it goes to the figure that stands there then
  document.addEventListener("click", (event) => {
    const unit = event.target.closest("[data-removes]")?.closest("[data-arranged]");
    const board = unit?.closest("[data-arrange]");
    if (!board) return;
    const at = units(board).indexOf(unit);
    new MutationObserver((_, watch) => {
      if (unit.isConnected) return;
      watch.disconnect();
      const left = units(board);
      const next = left[Math.min(at, left.length - 1)];
      (next?.querySelector("[data-grip]") ?? document.querySelector("[data-add]"))?.focus();
    }).observe(board, { childList: true });
  });

  // A double click on a figure opens its form
  document.addEventListener("dblclick", (event) => {
    const unit = event.target.closest("[data-arrange=board] > [data-arranged]");
    if (unit && !event.target.closest("button,a,[popover],[role=region]")) unit.querySelector("[data-edits]")?.click();
  });

  // The pointer; a finger scrolls, so it has the menu
  let drag = null;
  const mark = (unit, side) => {
    drag.board.querySelectorAll("[data-drop]").forEach((other) => { if (other !== unit) delete other.dataset.drop; });
    if (unit) unit.dataset.drop = side;
  };
  const ghost = (words, event) => {
    drag.ghost ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "o-ghost" }));
    drag.ghost.textContent = words;
    drag.ghost.style.transform = `translate(${event.clientX + 14}px, ${event.clientY + 14}px)`;
  };
  const apart = (box, x, y) => Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
  const aim = (event) => {
    const width = drag.board.getBoundingClientRect().width;
    let best = null;
    for (const unit of units(drag.board)) {
      if (unit === drag.unit) continue;
      const box = unit.getBoundingClientRect();
      const far = apart(box, event.clientX, event.clientY);
      if (!best || far < best.far) best = { unit, box, far };
    }
    if (!best) return;
    const isAcross = best.box.width > width * FULL_SHARE;
    const isAfter = isAcross ? event.clientY > best.box.top + best.box.height / 2 : event.clientX > best.box.left + best.box.width / 2;
    drag.beside = best.unit.dataset.arranged;
    drag.after = isAfter;
    mark(best.unit, isAcross ? (isAfter ? "below" : "above") : (isAfter ? "right" : "left"));
    ghost(drag.unit.getAttribute("aria-label") ?? drag.unit.querySelector(".main")?.textContent ?? "", event);
  };
  const size = (event) => {
    const step = (drag.board.getBoundingClientRect().width + GAP_PX) / COLUMNS;
    const [across, down] = [event.clientX - drag.x, event.clientY - drag.y];
    drag.columns = within(Math.round((drag.box.width + across + GAP_PX) / step), LEAST_COLUMNS, COLUMNS);
    drag.rows = Math.abs(down) < ROW_PX / 3 ? "" : within(Math.round((drag.box.height + down + GAP_PX) / ROW_PX), LEAST_ROWS, ROWS);
    drag.unit.style.gridColumn = `span ${drag.columns}`;
    drag.unit.style.minHeight = drag.rows ? `${drag.rows * ROW_PX - GAP_PX}px` : "";
    ghost(`${drag.columns} × ${drag.rows || Math.round((drag.box.height + GAP_PX) / ROW_PX)}`, event);
  };
  // Near the upper and lower edge the page scrolls for as long as the pointer stays there
  const follow = () => {
    if (!drag || drag.isSizing) return;
    if (drag.at.clientY < EDGE_PX) scrollBy(0, -SCROLL_PX);
    else if (drag.at.clientY > innerHeight - EDGE_PX) scrollBy(0, SCROLL_PX);
    aim(drag.at);
    requestAnimationFrame(follow);
  };
  const restore = (unit) => { unit.style.gridColumn = ""; unit.style.minHeight = ""; };
  // The size that was dragged stays until the server's answer is there, so that nothing jumps back and forth
  const restoreLater = (unit) => {
    const watch = new MutationObserver(() => { watch.disconnect(); restore(unit); });
    watch.observe(unit, { attributes: true, attributeFilter: ["class"] });
    setTimeout(() => { watch.disconnect(); restore(unit); }, 1500);
  };
  const end = (isDropped) => {
    const done = drag;
    mark(null);
    done.ghost?.remove();
    done.unit.classList.remove("dragged");
    document.documentElement.classList.remove("o-dragging");
    drag = null;
    if (!done.isMoving) return;
    if (!isDropped) { restore(done.unit); return; }
    const tile = done.unit.dataset.arranged;
    if (done.isSizing) {
      restoreLater(done.unit);
      send({ tile, action: "size", columns: done.columns, rows: done.rows });
    } else if (done.beside) send({ tile, action: "drop", beside: done.beside, after: done.after ? "yes" : "" });
  };
  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest?.("[data-grip],[data-corner]");
    const unit = handle?.closest("[data-arranged]");
    const board = unit?.closest("[data-arrange]");
    if (!board || event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    if (handle.dataset.grip) handle.focus();
    handle.setPointerCapture(event.pointerId);
    drag = { unit, board, x: event.clientX, y: event.clientY, box: unit.getBoundingClientRect(), isSizing: !handle.dataset.grip, isMoving: false };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.isMoving && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < SLACK_PX) return;
    if (!drag.isMoving) {
      drag.isMoving = true;
      document.documentElement.classList.add("o-dragging");
      drag.at = event;
      if (!drag.isSizing) { drag.unit.classList.add("dragged"); follow(); }
    }
    drag.at = event;
    if (drag.isSizing) size(event);
    else aim(event);
  });
  document.addEventListener("pointerup", () => { if (drag) end(true); });
  document.addEventListener("pointercancel", () => { if (drag) end(false); });
  document.addEventListener("keydown", (event) => { if (drag && event.key === "Escape") { event.preventDefault(); end(false); } }, true);
})();
